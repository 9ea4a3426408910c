import { powerCapability } from '../../drivers/registry.ts';
import type { Node } from '../../node/node.ts';
import { afterPowerCycle, nextAction } from '../next-action.ts';
import { isOnMedium, isPresent, type Outcome, type PhaseContext } from '../outcome.ts';
import type { ExchangeReply, ExchangeRequest, Phase, PowerTarget } from '../run.ts';

type Of<K extends Phase['kind']> = PhaseContext<Extract<Phase, { kind: K }>>;

export const PRESENT = 'is not needed: the machine is present';
/** Seconds between looks at a BMC: at most 8 a step (design §4), soon at first, three minutes in all. */
const PAUSES = [2, 3, 5, 10, 20, 30, 60, 60] as const;
/** A look that changes nothing is not worth three minutes. */
const FEW = 3;

const LOOK: ExchangeRequest = { to: 'driver', action: 'power-state' };

/** Another try after a pause, or the end of patience. */
export function tryAgain(
  run: { tries: number },
  what: string,
  reply: ExchangeReply,
  most: number = PAUSES.length,
): Outcome {
  const seconds = run.tries < most ? PAUSES[run.tries] : undefined;
  if (seconds === undefined) return { go: 'fail', reason: `${what}: ${describe(reply)}` };
  return { go: 'pause', run: { tries: run.tries + 1 }, seconds, for: `${what} (${describe(reply)})` };
}

export function powerState({ run, event, facts }: Of<'power-state'>): Outcome {
  if (run.stage === 'start' || event.kind !== 'reply') {
    return { go: 'exchange', run: { stage: 'sending' }, request: { to: 'driver', action: 'power-state' } };
  }
  switch (event.reply.kind) {
    case 'power':
      // Where no BMC tells, a machine is off until its agent speaks: clients need one of the two (operator-api.md T19).
      return { go: 'next', node: { power_state: event.reply.state ?? (isPresent(facts) ? 'power on' : 'power off') } };
    case 'unsupported':
      return { go: 'next' };
    case 'pending':
      return { go: 'wait', for: 'the power state' };
    case 'unreachable':
      return tryAgain(run, 'the power state could not be read', event.reply, FEW);
    default:
      return { go: 'fail', reason: `the power state could not be read: ${describe(event.reply)}` };
  }
}

/**
 * Targets that have an end which can be seen go there by two that have: a machine that is on all the time tells nobody
 * whether it was restarted. Pretended hardware, people and operators' code take every target as it is.
 */
function parts(target: PowerTarget, node: Node): PowerTarget[] {
  if (powerCapability(node) !== 'exchange') return [target];
  if (target === 'rebooting' && !node.disable_power_off) return ['power off', 'power on'];
  if (target === 'soft rebooting') return node.disable_power_off ? ['rebooting'] : ['soft power off', 'power on'];
  return [target];
}

/** Looks at a machine whose agent switches it off itself, 40 s in all: what it writes must reach the disk first. */
const LOOKS_BEFORE_FORCE = 5;

/** The agent was told to switch the machine off just now, and a BMC can see when it has. */
function goesOffByItself({ phase, run, node }: Of<'power'>): boolean {
  const before = run.phases[run.cursor - 1];
  const told = before?.kind === 'leave' && before.command === 'standby.power_off';
  return told && phase.target === 'power off' && powerCapability(node) === 'exchange';
}

/** The token of the boot to come is on its medium already: no boot that is left had it. */
function bootsByMedium({ run, facts }: Of<'power'>): boolean {
  const before = run.phases.slice(0, run.cursor).findLast(({ kind }) => kind !== 'power');
  return isOnMedium(facts) && before?.kind === 'boot-device' && before.handOver === true;
}

/** Power takes time on metal: ask, look a few times, and say so when it never gets there. */
export function power(context: Of<'power'>): Outcome {
  const { phase, run, event, facts, node } = context;
  const byItself = goesOffByItself(context);
  const { target, why, timeoutSeconds } = phase;
  const wanted = target === 'power off' || target === 'soft power off' ? 'power off' : 'power on';
  const set: ExchangeRequest = {
    to: 'driver',
    action: 'set-power',
    target: target === 'soft rebooting' ? 'rebooting' : target,
  };
  if (run.stage === 'start') {
    if (phase.unlessPresent && run.present) return { go: 'next', said: PRESENT };
    const [first, ...rest] = parts(target, node);
    if (first !== undefined && first !== target) {
      const insert = [first, ...rest].map((one): Phase => {
        const soft = one.startsWith('soft') && timeoutSeconds !== undefined;
        return { kind: 'power', target: one, why, ...(soft ? { timeoutSeconds } : {}) };
      });
      return { go: 'next', insert, said: `goes by ${[first, ...rest].join(' and ')}` };
    }
    return {
      go: 'exchange',
      run: {
        stage: byItself ? 'settling' : 'sending',
        tries: 0,
        memory: { ...run.memory, leftGeneration: bootsByMedium(context) ? null : facts.session.generation },
      },
      node: { target_power_state: wanted },
      request: byItself ? LOOK : set,
    };
  }
  if (event.kind !== 'reply') {
    return { go: 'exchange', request: run.stage === 'sending' ? set : LOOK };
  }
  const { reply } = event;
  const waitsFor = `${target}: ${why}`;
  switch (reply.kind) {
    case 'power':
      if (reply.state === wanted) return arrived(reply.state, run.memory.leftGeneration, facts.session.generation);
      break;
    case 'accepted':
    case 'unreachable':
      break;
    case 'unsupported':
      if (target === 'soft power off') return forced(why, reply.message);
      if (powerCapability(node) === 'exchange')
        return { go: 'fail', reason: `${target} was refused: ${reply.message}` };
      // Nobody but a person can do it: the next phase waits for the machine, and says so.
      return {
        go: 'next',
        node: { target_power_state: null },
        // Who beats now may be the one that beat before: nobody knows what the person did.
        run: { present: false, memory: { ...run.memory, leftGeneration: null } },
        said: `needs a person. ${reply.message}`,
      };
    case 'pending':
      return { go: 'wait', for: waitsFor };
    case 'refused':
      return { go: 'fail', reason: `${target} was refused: ${reply.message}` };
    default:
      return { go: 'fail', reason: `${target} (${why}): unexpected answer (${reply.kind})` };
  }
  if (byItself && run.tries >= LOOKS_BEFORE_FORCE) return forced(why, 'the agent did not switch it off');
  const pause = PAUSES[run.tries];
  if (pause === undefined) {
    if (target === 'soft power off' && reply.kind === 'power') return forced(why, 'it did not shut down in time');
    return notReached(context, reply);
  }
  return {
    go: 'pause',
    // What may not have been heard is said again; the driver looks first.
    run: {
      stage: reply.kind === 'unreachable' && run.stage === 'sending' ? 'sending' : 'settling',
      tries: run.tries + 1,
    },
    seconds: timeoutSeconds === undefined ? pause : Math.max(1, Math.round(timeoutSeconds / PAUSES.length)),
    for: waitsFor,
  };
}

/** An agent that came up between the switch and the look is another one: its token lives. */
function arrived(state: string, left: unknown, generation: number): Outcome {
  return {
    go: 'next',
    node: { power_state: state, target_power_state: null },
    run: { present: false, generation: null },
    ...(left === generation ? { revoke: true } : {}),
  };
}

function forced(why: string, because: string): Outcome {
  return {
    go: 'next',
    insert: [{ kind: 'power', target: 'power off', why }],
    said: `is replaced by a forced one: ${because}`,
  };
}

function notReached({ phase, run, node }: Of<'power'>, reply: ExchangeReply): Outcome {
  const { target, why } = phase;
  const after = `after ${PAUSES.length} looks`;
  const again = nextAction(run.flow, node);
  const bmc = typeof node.driver_info.redfish_address === 'string' ? ` by BMC ${node.driver_info.redfish_address}` : '';
  return reply.kind === 'unreachable'
    ? {
        go: 'fail',
        reason: `${target} (${why}) was not reached ${after}: ${describe(reply)}`,
        next: `check that this BMC can be reached, then ${again}`,
      }
    : {
        go: 'fail',
        reason: `${target} (${why}) was accepted${bmc} and not done ${after}: ${describe(reply)}`,
        next: `look at the machine's console and at its BMC's own log, switch it by hand if need be, then ${again}`,
      };
}

export function inspectBmc({ run, event }: Of<'inspect-bmc'>): Outcome {
  if (run.stage === 'start' || event.kind !== 'reply') {
    return { go: 'exchange', run: { stage: 'sending' }, request: { to: 'driver', action: 'inspect' } };
  }
  switch (event.reply.kind) {
    case 'accepted':
      return { go: 'next' };
    case 'pending':
      return { go: 'wait', for: 'what the BMC knows of the machine' };
    case 'unreachable':
      return tryAgain(run, 'the BMC could not be asked what the machine is', event.reply);
    case 'refused':
      return { go: 'fail', reason: `the inspection by the BMC was refused: ${describe(event.reply)}` };
    default:
      return { go: 'fail', reason: `the BMC could not be asked what the machine is: ${describe(event.reply)}` };
  }
}

const BOOT = 'the machine to boot the ramdisk and report';
const BOOT_WITH_MEDIUM = `${BOOT} (its token is on the medium beside the ISO: without boot_method=vmedia among the ISO's kernel parameters its agent finds no token)`;

/** Waits for a beat of the ramdisk, then looks once at the agent's list: what is in it belongs to the past. */
export function awaitAgent({ run, node, event, facts }: Of<'await-agent'>): Outcome {
  const { session } = facts;
  const left = run.memory['leftGeneration'];
  const fresh = session.reachable && session.generation !== left;
  const alive = run.present || (fresh && facts.now - session.lastBeatAt <= session.intervalSeconds * 1000);
  if (event.kind !== 'reply') {
    if (!alive) return { go: 'wait', run: { stage: 'waiting' }, for: isOnMedium(facts) ? BOOT_WITH_MEDIUM : BOOT };
    return { go: 'exchange', run: { stage: 'waiting' }, request: { to: 'agent', command: 'list' } };
  }
  switch (event.reply.kind) {
    case 'commands': {
      const last = event.reply.commands.at(-1);
      if (last?.command_status === 'RUNNING') {
        const stepDeadline = run.stepDeadline ?? facts.now + facts.stepSeconds * 1000;
        if (facts.now > stepDeadline) {
          const what = `${last.command_name}, which the agent began earlier`;
          const reason = `await-agent: ${what}, did not end within ${facts.stepSeconds} s`;
          return { go: 'fail', reason, next: afterPowerCycle(run.flow, node) };
        }
        return {
          go: 'wait',
          run: { stepDeadline },
          for: `the agent to end ${last.command_name}, which it began earlier`,
        };
      }
      return {
        go: 'next',
        node: { power_state: 'power on', target_power_state: null },
        run: { present: true, generation: session.generation, lastCommandId: last?.id ?? null },
      };
    }
    case 'refused':
      return { go: 'fail', reason: `await-agent: the agent refused us: ${event.reply.status} ${event.reply.message}` };
    default:
      return { go: 'wait', run: { present: false }, for: `the agent to answer (${describe(event.reply)})` };
  }
}

export function refuse({ phase }: Of<'refuse'>): Outcome {
  return { go: 'fail', reason: phase.reason };
}

export function lifecycle({ phase }: Of<'lifecycle'>): Outcome {
  return { go: 'next', lifecycle: phase.event };
}

export function describe(reply: { kind: string; message?: string; state?: string | null }): string {
  return reply.message ?? (reply.state === undefined ? reply.kind : `it is ${reply.state ?? 'unknown'}`);
}
