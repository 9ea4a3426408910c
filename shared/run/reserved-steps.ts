import type { JsonObject, JsonValue } from '../json.ts';
import type { Phase } from './run.ts';

/** Longest `wait` that one step may ask for: a day. */
const LONGEST_WAIT_SECONDS = 86_400;

const PXE: Phase = { kind: 'boot-device', device: 'pxe', persistent: false };
const WHY = 'a step asked for it';

/**
 * Steps that every node knows, whoever else runs steps on it, on any interface (operator-api.md §4.4). Power steps
 * bring the machine back into the ramdisk when agent steps follow.
 */
export function reservedStep(step: JsonObject, ramdisk: boolean): Phase[] | undefined {
  const boot = ramdisk ? [PXE] : [];
  switch (step['step']) {
    case 'hold':
      return [{ kind: 'hold' }];
    case 'wait': {
      const seconds = secondsOf(step['args']);
      if (seconds === undefined) return ramdisk ? [{ kind: 'await-agent' }] : [];
      return [{ kind: 'pause', seconds }];
    }
    case 'power_on':
      return [...boot, { kind: 'power', target: 'power on', why: WHY }];
    case 'power_off':
      return [{ kind: 'power', target: 'power off', why: WHY }];
    case 'reboot':
      return [...boot, { kind: 'power', target: 'rebooting', why: WHY }];
    default:
      return undefined;
  }
}

function secondsOf(args: JsonValue | undefined): number | undefined {
  if (args === null || typeof args !== 'object' || Array.isArray(args)) return undefined;
  const seconds = Number(args['seconds']);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(Math.ceil(seconds), LONGEST_WAIT_SECONDS) : undefined;
}
