import { isPresent, type Outcome, type PhaseContext } from '../outcome.ts';
import type { Phase } from '../run.ts';

type Of<K extends Phase['kind']> = PhaseContext<Extract<Phase, { kind: K }>>;

const PRESENT = 'is not needed: the machine is present';
const CHECKS = 8;
const CHECK_EVERY_SECONDS = 5;

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
    default:
      return { go: 'fail', reason: `the power state could not be read: ${describe(event.reply)}` };
  }
}

/** Power takes time on metal: ask, look a few times, and say so when it never gets there. */
export function power({ phase, run, event, facts }: Of<'power'>): Outcome {
  if (run.stage === 'start') {
    if (phase.unlessPresent && run.present) return { go: 'next', said: PRESENT };
    return {
      go: 'exchange',
      run: { stage: 'sending', tries: 0 },
      node: { target_power_state: phase.target === 'power off' ? 'power off' : 'power on' },
      request: { to: 'driver', action: 'set-power', target: phase.target },
    };
  }
  if (event.kind !== 'reply') {
    const request =
      run.stage === 'sending'
        ? ({ to: 'driver', action: 'set-power', target: phase.target } as const)
        : ({ to: 'driver', action: 'power-state' } as const);
    return { go: 'exchange', request };
  }
  const wanted = phase.target === 'power off' ? 'power off' : 'power on';
  const arrived = (state: string | null): Outcome => ({
    go: 'next',
    node: { power_state: state, target_power_state: null },
    run: { present: false, generation: null, memory: { ...run.memory, leftGeneration: facts.session.generation } },
    revoke: true,
  });
  const again: Outcome = {
    go: 'pause',
    run: { stage: 'settling', tries: run.tries + 1 },
    seconds: CHECK_EVERY_SECONDS,
    for: `${phase.target}: ${phase.why}`,
  };
  switch (event.reply.kind) {
    case 'power':
      if (event.reply.state === wanted) return arrived(wanted);
      break;
    case 'accepted':
      return again;
    case 'unsupported':
      // Nobody but a person can do it: the next phase waits for the machine, and says so.
      return {
        go: 'next',
        node: { target_power_state: null },
        run: { present: false },
        said: `needs a person. ${event.reply.message}`,
      };
    case 'pending':
      return { go: 'wait', for: `${phase.target}: ${phase.why}` };
    case 'refused':
      return { go: 'fail', reason: `${phase.target} was refused: ${event.reply.message}` };
    default:
      break;
  }
  if (run.tries < CHECKS) return again;
  return { go: 'fail', reason: `${phase.target} (${phase.why}) was not reached: ${describe(event.reply)}` };
}

export function bootDevice({ phase, run, event, node }: Of<'boot-device'>): Outcome {
  if (run.stage === 'start') {
    if (phase.unlessPresent && run.present) return { go: 'next', said: PRESENT };
  }
  if (run.stage === 'start' || event.kind !== 'reply') {
    const { device, persistent } = phase;
    return {
      go: 'exchange',
      run: { stage: 'sending' },
      request: { to: 'driver', action: 'set-boot-device', device, persistent },
    };
  }
  switch (event.reply.kind) {
    case 'accepted': {
      const { device: boot_device, persistent } = phase;
      const memory = { ...node.driver_internal_info, boot_device: { boot_device, persistent } };
      return { go: 'next', node: { driver_internal_info: memory } };
    }
    case 'unsupported':
      return { go: 'next' };
    case 'pending':
      return { go: 'wait', for: `boot device ${phase.device}` };
    default:
      return { go: 'fail', reason: `boot device ${phase.device} could not be set: ${describe(event.reply)}` };
  }
}

/** Waits for a beat of the ramdisk, then looks once at the agent's list: what is in it belongs to the past. */
export function awaitAgent({ run, event, facts }: Of<'await-agent'>): Outcome {
  const { session } = facts;
  const left = run.memory['leftGeneration'];
  const fresh = session.reachable && session.generation !== left;
  const alive = run.present || (fresh && facts.now - session.lastBeatAt <= session.intervalSeconds * 1000);
  if (event.kind !== 'reply') {
    if (!alive) return { go: 'wait', run: { stage: 'waiting' }, for: 'the machine to boot the ramdisk and report' };
    return { go: 'exchange', run: { stage: 'waiting' }, request: { to: 'agent', command: 'list' } };
  }
  switch (event.reply.kind) {
    case 'commands': {
      const last = event.reply.commands.at(-1);
      if (last?.command_status === 'RUNNING') {
        return { go: 'wait', for: `the agent to end ${last.command_name}, which it began earlier` };
      }
      return {
        go: 'next',
        node: { power_state: 'power on', target_power_state: null },
        run: { present: true, generation: session.generation, lastCommandId: last?.id ?? null },
      };
    }
    case 'refused':
      return { go: 'fail', reason: `the agent refused us: ${event.reply.status} ${event.reply.message}` };
    default:
      return { go: 'wait', run: { present: false }, for: `the agent to answer (${describe(event.reply)})` };
  }
}

export function awaitInspection({ run, node }: Of<'await-inspection'>): Outcome {
  const finished = node.inspection_finished_at;
  if (finished !== null && Date.parse(finished) >= Date.parse(run.startedAt)) return { go: 'next' };
  return { go: 'wait', run: { stage: 'waiting' }, for: 'the ramdisk to post its inventory' };
}

export function refuse({ phase }: Of<'refuse'>): Outcome {
  return { go: 'fail', reason: phase.reason };
}

export function lifecycle({ phase }: Of<'lifecycle'>): Outcome {
  return { go: 'next', lifecycle: phase.event };
}

function describe(reply: { kind: string; message?: string; state?: string | null }): string {
  return reply.message ?? (reply.state === undefined ? reply.kind : `it is ${reply.state ?? 'unknown'}`);
}
