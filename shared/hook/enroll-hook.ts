import { z } from 'zod';
import { isHardwareType } from '../drivers/registry.ts';
import type { Verdict } from '../enrollment/decide-enrolment.ts';
import { nodeShapeSchema, type PolicyHook } from '../enrollment/policy.ts';
import type { Decision } from '../identity/decide.ts';
import type { Evidence } from '../identity/evidence.ts';
import type { HookReply, Hooks } from './hook-port.ts';
import { identityBody, identityRequest } from './identity-request.ts';

const MOST_PROPERTIES_BYTES = 64 * 1024;

/** Purpose `enroll`: what becomes of a machine that is nobody's, where a policy leaves that to you. */
export const enrollRequest = identityRequest.extend({
  policy: z.string().describe('Name of the policy that asks'),
});
const reason = z.string().min(1).max(300).optional().describe('For people: it stands in the explanation');
export const enrollReply = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('enroll'),
    node: nodeShapeSchema.default({}).describe("What the node becomes; what is left out comes from the policy's node"),
    reason,
  }),
  z.object({ outcome: z.literal('hold'), reason }),
  z.object({ outcome: z.literal('deny'), reason }),
]);

/** The verdict as the hook wants it, or the policy's fallback with the reason why it was not asked for more. */
export async function askEnrolHook(
  { evidence, decision, verdict }: { evidence: Evidence; decision: Decision; verdict: Verdict },
  { hooks, ids }: { hooks: Hooks; ids: { uuid(): string } },
): Promise<Verdict> {
  const { policy } = verdict;
  const hook = policy?.hook;
  if (!policy || !hook) return { ...verdict, outcome: 'hold', reason: `${verdict.reason}; it names no hook` };
  const reply = await hooks.call({
    hook: hook.name,
    purpose: 'enroll',
    idempotencyKey: ids.uuid(),
    body: { ...identityBody(evidence, decision), policy: policy.name },
    timeoutSeconds: hook.timeout_seconds,
  });
  const read = understood(reply);
  if ('unusable' in read) {
    const notAsked = reply.kind === 'failed' && reply.because === 'not-asked';
    return fallback(
      verdict,
      notAsked && hook.fallback === 'enroll' ? { ...hook, fallback: 'hold' } : hook,
      read.unusable,
    );
  }
  const { answer } = read;
  const more = answer.reason === undefined ? '' : `: ${answer.reason.replaceAll(/\p{C}+/gu, ' ').trim()}`;
  const told = { ...verdict, reason: `${verdict.reason}; hook ${hook.name} says ${answer.outcome}${more}` };
  if (answer.outcome !== 'enroll') return { ...told, outcome: answer.outcome };
  return { ...told, outcome: 'enroll', policy: { ...policy, node: { ...policy.node, ...answer.node } } };
}

function fallback(verdict: Verdict, { name, fallback: outcome }: PolicyHook, unusable: string): Verdict {
  return {
    ...verdict,
    outcome,
    reason: `${verdict.reason}; hook ${name} gave no usable answer (${unusable}), so: ${outcome}`,
  };
}

function understood(reply: HookReply): { answer: z.output<typeof enrollReply> } | { unusable: string } {
  if (reply.kind !== 'answered') return { unusable: reply.message };
  const checked = enrollReply.safeParse(reply.body);
  if (!checked.success) return { unusable: 'it does not fit the schema of replies' };
  if (checked.data.outcome === 'enroll') {
    const { driver, properties = {} } = checked.data.node;
    if (driver !== undefined && !isHardwareType(driver)) {
      return { unusable: 'it names a driver that there is not' };
    }
    if (Buffer.byteLength(JSON.stringify(properties)) > MOST_PROPERTIES_BYTES) {
      return { unusable: 'its properties are larger than a node may be' };
    }
  }
  return { answer: checked.data };
}
