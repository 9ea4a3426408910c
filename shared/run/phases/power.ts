import { powerCapability } from '../../drivers/registry.ts';
import type { Node } from '../../node/node.ts';
import { nextAction } from '../next-action.ts';
import { isOnMedium, type Outcome, type PhaseContext } from '../outcome.ts';
import type { ExchangeReply, ExchangeRequest, Phase, PowerTarget } from '../run.ts';
import { needsPerson } from './by-hand.ts';
import { describe, PAUSES, PRESENT } from './machine-phases.ts';

type Context = PhaseContext<Extract<Phase, { kind: 'power' }>>;

const LOOK: ExchangeRequest = { to: 'driver', action: 'power-state' };

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
function goesOffByItself({ phase, run, node }: Context): boolean {
  const before = run.phases[run.cursor - 1];
  const told = before?.kind === 'leave' && before.command === 'standby.power_off';
  return told && phase.target === 'power off' && powerCapability(node) === 'exchange';
}

/** The token of the boot to come is on its medium already: no boot that is left had it. */
function bootsByMedium({ run, facts }: Context): boolean {
  const before = run.phases.slice(0, run.cursor).findLast(({ kind }) => kind !== 'power');
  return isOnMedium(facts) && before?.kind === 'boot-device' && before.handOver === true;
}

/** Power takes time on metal: ask, look a few times, and say so when it never gets there. */
export function power(context: Context): Outcome {
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
    if (wanted === 'power off' && node.disable_power_off) return mayNot(target, why, node);
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
      return needsPerson(context, wanted, reply.message);
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

/** An operator asked for it before he gave the flag, or in a step. */
function mayNot(target: PowerTarget, why: string, node: Node): Outcome {
  const reason = `${target} (${why}) is not allowed: disable_power_off of node ${node.uuid} is set`;
  return { go: 'fail', reason, next: 'take the flag away, or do without the step that switches the machine off' };
}

function forced(why: string, because: string): Outcome {
  return {
    go: 'next',
    insert: [{ kind: 'power', target: 'power off', why }],
    said: `is replaced by a forced one: ${because}`,
  };
}

function notReached({ phase, run, node }: Context, reply: ExchangeReply): Outcome {
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
