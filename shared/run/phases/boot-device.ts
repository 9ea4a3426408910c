import { powerCapability } from '../../drivers/registry.ts';
import type { Outcome, PhaseContext } from '../outcome.ts';
import type { Phase } from '../run.ts';
import { describe, PRESENT, tryAgain } from './machine-phases.ts';

/** Whatever runs now, an instance perhaps, must not read what is for the ramdisk. */
const OFF_FIRST: Phase = { kind: 'power', target: 'power off', why: 'the agent token goes onto a medium' };
const FOR_TOKEN = 'needs the machine to be off: the agent token goes onto a medium';
const PLACED = 'is done, with the agent token on a medium beside the ISO';
const NO_SLOT = 'is done. The BMC has no free slot for the agent token: lookup gives it';

export function bootDevice({
  phase,
  run,
  event,
  node,
  facts,
}: PhaseContext<Extract<Phase, { kind: 'boot-device' }>>): Outcome {
  const { device, persistent, handOver } = phase;
  if (run.stage === 'start') {
    if (phase.unlessPresent && run.present) return { go: 'next', said: PRESENT };
    if (device === 'pxe' && facts.handsOver && !handOver)
      return { go: 'next', insert: [OFF_FIRST, { ...phase, handOver: true }], said: FOR_TOKEN };
  }
  if (run.stage === 'start' || event.kind !== 'reply') {
    return {
      go: 'exchange',
      run: { stage: 'sending' },
      request: { to: 'driver', action: 'set-boot-device', device, persistent, ...(handOver && { handOver }) },
    };
  }
  switch (event.reply.kind) {
    case 'accepted': {
      const memory = { ...node.driver_internal_info, boot_device: { boot_device: device, persistent } };
      const said = event.reply.beside === 'no slot' ? NO_SLOT : PLACED;
      return { go: 'next', node: { driver_internal_info: memory }, ...(handOver && { said }) };
    }
    case 'unsupported':
      // Without a BMC the machine's own order counts; a BMC that cannot do it would boot the wrong thing.
      if (powerCapability(node) !== 'exchange') return { go: 'next' };
      break;
    case 'pending':
      return { go: 'wait', for: `boot device ${phase.device}` };
    case 'unreachable':
      return tryAgain(run, `boot device ${phase.device} could not be set`, event.reply);
    default:
      break;
  }
  return { go: 'fail', reason: `boot device ${phase.device} could not be set: ${describe(event.reply)}` };
}
