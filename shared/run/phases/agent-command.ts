import type { JsonObject } from '../../json.ts';
import type { Outcome, PhaseContext } from '../outcome.ts';
import { phaseName } from '../outcome.ts';
import { ASKS_AGAIN } from '../patience.ts';
import type { AgentCommand, ExchangeRequest } from '../run.ts';

export interface CommandPlan {
  /** `deploy.execute_deploy_step` */
  name: string;
  params: JsonObject;
  /** Sync commands answer in the POST. */
  async: boolean;
  /** Narrows adoption after a lost reply: an older command of the same name is not ours. */
  isOurs?(command: AgentCommand): boolean;
  succeeded(command: AgentCommand): Outcome;
  failed(command: AgentCommand): Outcome;
}

const LIST: ExchangeRequest = { to: 'agent', command: 'list' };

/** Characters kept of what an agent says: a row and an event must hold it. */
const LONGEST_TEXT = 2000;

/** Text of a failed command, as Ironic chooses it (contract §3.9). */
export function commandError(command: AgentCommand): string {
  const error = command.command_error;
  return (error?.details || error?.message || JSON.stringify(error)).slice(0, LONGEST_TEXT);
}

/**
 * One command of the agent, started once and seen to its end.
 *
 * `start` → row says `sending` → POST → row says `waiting` with the command's id → beats → list → ended.
 * A crash, or a lost reply, in `sending` leaves open whether the POST arrived: the agent's list is asked first, and a
 * newer command of that name than the last one we knew is ours. So the agent sees each command once.
 */
export function driveCommand(context: PhaseContext, plan: CommandPlan): Outcome {
  const { run, event, facts } = context;
  const name = phaseName(context.phase);
  const send: Outcome = {
    go: 'exchange',
    run: {
      stage: 'sending',
      commandId: null,
      stepDeadline: run.stepDeadline ?? facts.now + facts.stepSeconds * 1000,
    },
    request: { to: 'agent', command: 'run', name: plan.name, params: plan.params, wait: !plan.async },
  };
  if (run.stage === 'start') return send;
  if (event.kind !== 'reply') return { go: 'exchange', request: LIST };

  const { reply } = event;
  switch (reply.kind) {
    case 'command':
      return settle(reply.command, plan, context);
    case 'commands': {
      const ours = findOurs(reply.commands, plan, context);
      if (ours) return settle(ours, plan, context);
      if (run.stage === 'sending') return send;
      return { go: 'fail', reason: `the agent restarted during ${name}: it no longer knows the command` };
    }
    case 'busy':
      if (run.stepDeadline !== null && facts.now > run.stepDeadline) {
        const reason = `${name} could not begin within ${facts.stepSeconds} s: the agent is busy with ${reply.with}`;
        return { go: 'fail', reason, stuck: true };
      }
      return { go: 'wait', for: `${name}: the agent is busy with ${reply.with}` };
    case 'pending':
      return { go: 'wait', for: `${name}: the reply is on its way` };
    case 'unreachable':
      return {
        go: 'wait',
        for: `${name}: no answer from the agent (${reply.message}), ${ASKS_AGAIN}`,
      };
    case 'refused': {
      const outcome = plan.failed(refusal(plan, reply));
      return outcome.go === 'fail' && !OF_THE_COMMAND.has(reply.status) ? { ...outcome, stuck: true } : outcome;
    }
    default:
      return { go: 'fail', reason: `${name}: unexpected answer (${reply.kind})` };
  }
}

/** Statuses that refuse one command; any other says that the agent will refuse the next one, too (contract §3.4). */
const OF_THE_COMMAND: ReadonlySet<number> = new Set([400, 404]);

function refusal(plan: CommandPlan, { status, message }: { status: number; message: string }): AgentCommand {
  return {
    id: '',
    command_name: plan.name,
    command_status: 'FAILED',
    command_error: { code: status, message: `the agent refused it: ${status} ${message}` },
    command_result: null,
  };
}

function findOurs(commands: AgentCommand[], plan: CommandPlan, { run }: PhaseContext): AgentCommand | undefined {
  if (run.commandId !== null) return commands.find((c) => c.id === run.commandId);
  const last = commands.at(-1);
  if (!last || last.id === run.lastCommandId) return undefined;
  // A sync command that raised carries its full name, all others the part after the dot (contract §3.3).
  const short = plan.name.slice(plan.name.indexOf('.') + 1);
  if (last.command_name !== short && last.command_name !== plan.name) return undefined;
  return plan.isOurs && !plan.isOurs(last) ? undefined : last;
}

function settle(command: AgentCommand, plan: CommandPlan, context: PhaseContext): Outcome {
  switch (command.command_status) {
    case 'RUNNING':
      if (context.run.stepDeadline !== null && context.facts.now > context.run.stepDeadline) {
        const name = phaseName(context.phase);
        const reason = `${name} did not end within ${context.facts.stepSeconds} s, although the agent kept answering`;
        return { go: 'fail', reason, stuck: true };
      }
      return {
        go: 'wait',
        run: { stage: 'waiting', commandId: command.id },
        for: `${phaseName(context.phase)} to end on the agent`,
      };
    case 'SUCCEEDED': {
      const outcome = plan.succeeded(command);
      return outcome.go === 'next' ? { ...outcome, run: { lastCommandId: command.id, ...outcome.run } } : outcome;
    }
    default: {
      const outcome = plan.failed(command);
      return outcome.go === 'next' ? { ...outcome, run: { lastCommandId: command.id, ...outcome.run } } : outcome;
    }
  }
}
