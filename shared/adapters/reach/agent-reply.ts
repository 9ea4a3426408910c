import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import type { AgentCommand, ExchangeReply } from '../../run/run.ts';

/** Result object of the agent (contract §3.3): unknown keys are ignored, missing ones are null. */
const command = z.object({
  id: z.string(),
  command_name: z.string(),
  command_status: z.string(),
  command_error: z
    .object({
      type: z.string().optional(),
      code: z.number().optional(),
      message: z.string().optional(),
      details: z.string().optional(),
    })
    .nullish(),
  command_result: z.record(z.string(), z.unknown()).nullish(),
});
const list = z.object({ commands: z.array(command) });
const fault = z.object({ faultstring: z.string() });

const toCommand = (parsed: z.infer<typeof command>): AgentCommand => ({
  id: parsed.id,
  command_name: parsed.command_name,
  command_status: parsed.command_status,
  command_error: (parsed.command_error ?? null) as AgentCommand['command_error'],
  command_result: parsed.command_result ? withoutArguments(parsed.command_result as JsonObject) : null,
});

const ECHOES = ['clean_step', 'deploy_step', 'service_step'] as const;

/** A step is known by its interface and name; the arguments that an agent repeats may be secrets, and go no further. */
function withoutArguments(result: JsonObject): JsonObject {
  const kept = { ...result };
  for (const key of ECHOES) {
    const echo = kept[key];
    if (echo === null || typeof echo !== 'object' || Array.isArray(echo)) continue;
    kept[key] = { interface: echo['interface'] ?? null, step: echo['step'] ?? null };
  }
  return kept;
}

/** An agent's HTTP answer as a typed reply. 200 does not mean that a command succeeded (contract §3.3). */
export function readReply(status: number, text: string): ExchangeReply {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { kind: 'refused', status, message: 'its answer is not JSON' };
  }
  if (status === 409) return { kind: 'busy', with: fault.safeParse(body).data?.faultstring ?? 'another command' };
  if (status < 200 || status > 299) {
    const message = fault.safeParse(body).data?.faultstring ?? '';
    // Agents before 6.2 say "busy" in words.
    if (/agent is busy/i.test(message)) return { kind: 'busy', with: message };
    return { kind: 'refused', status, message: message.slice(0, 500) };
  }
  const commands = list.safeParse(body);
  if (commands.success) return { kind: 'commands', commands: commands.data.commands.map(toCommand) };
  const one = command.safeParse(body);
  if (one.success) return { kind: 'command', command: toCommand(one.data) };
  return { kind: 'refused', status, message: 'its answer has not the shape of a command' };
}
