import { powerCapability } from '../drivers/registry.ts';
import type { Node } from '../node/node.ts';
import type { FlowName, Phase } from './run.ts';

const OFF: Phase = { kind: 'power', target: 'power off', why: 'end of the work' };
const RESTART: Phase = { kind: 'power', target: 'rebooting', why: 'end of the work; it may not be switched off' };
const BOOT = 'boot the instance';
const ON_INSTANCE: Phase = { kind: 'power', target: 'power on', why: BOOT };
const RESTART_INSTANCE: Phase = { kind: 'power', target: 'rebooting', why: BOOT };
const FROM_NETWORK: Phase = { kind: 'boot-device', device: 'pxe', persistent: false };
const FROM_DISK: Phase = { kind: 'boot-device', device: 'disk', persistent: true };
const SYNC: Phase = { kind: 'command', name: 'standby.sync', params: {}, async: false, optional: true };
const LEAVE_OFF: Phase = { kind: 'leave', command: 'standby.power_off' };
const LEAVE_RESTART: Phase = { kind: 'leave', command: 'standby.run_image' };
const GONE: Phase = { kind: 'gone' };
const LOCKDOWN: Phase = { kind: 'leave', command: 'system.lockdown' };

/**
 * How a machine gets from one thing that it runs to the next. `switched`: off, and on again. `restarted`: the same by a
 * BMC that must never switch it off (`disable_power_off`). `by-hand`: its agent does it, or a person, who goes once.
 */
type Way = 'switched' | 'restarted' | 'by-hand';

function wayOf(node: Node): Way {
  if (powerCapability(node) === 'person') return 'by-hand';
  return node.disable_power_off ? 'restarted' : 'switched';
}

/** Out of the ramdisk, with nothing to run. */
export function leaveRamdisk(node: Node): Phase[] {
  return node.disable_power_off ? [LOCKDOWN] : [LEAVE_OFF, OFF];
}

/** The instance must not run any more. `ramdisk`: one is booted next, which ends it where that is one act. */
export function leaveInstance(node: Node, ramdisk: boolean): Phase[] {
  if (wayOf(node) === 'switched') return [OFF];
  if (ramdisk) return [];
  // Its disk has the instance still: from there it would only boot again.
  return node.disable_power_off ? [FROM_NETWORK, RESTART] : [LEAVE_OFF, OFF];
}

/** An inspection has no agent to speak to, and a person is not sent for it. */
export function leaveInspection(node: Node): Phase[] {
  const WAYS: Record<Way, Phase[]> = { switched: [OFF], restarted: [RESTART], 'by-hand': [] };
  return WAYS[wayOf(node)];
}

/** From whatever runs into the installed system. */
export function intoInstance(node: Node): Phase[] {
  return wayOf(node) === 'switched' ? [OFF, FROM_DISK, ON_INSTANCE] : [FROM_DISK, RESTART_INSTANCE];
}

/** Out of the ramdisk into the installed system (contract §3.10). */
export function bootInstance(node: Node): Phase[] {
  const WAYS: Record<Way, Phase[]> = {
    switched: [LEAVE_OFF, OFF, ON_INSTANCE],
    restarted: [SYNC, LOCKDOWN, RESTART_INSTANCE],
    'by-hand': [SYNC, LEAVE_RESTART],
  };
  return WAYS[wayOf(node)];
}

/** A reboot that a step asked for. */
export function rebootIntoRamdisk(node: Node, why: string): Phase[] {
  return wayOf(node) === 'by-hand'
    ? [LEAVE_RESTART, { kind: 'await-agent' }]
    : [FROM_NETWORK, { kind: 'power', target: 'rebooting', why }, { kind: 'await-agent' }];
}

/** What a run that is broken off does with its machine, and what is left to a person. */
export interface TearDown {
  phases: Phase[];
  instruction?: string;
}

/** The token dies first, so that nothing goes on when a BMC fails. A `busy` agent hears nobody. */
export function tearDown(node: Node, flow: FlowName, agent: 'away' | 'idle' | 'busy'): TearDown {
  const way = wayOf(node);
  if (way !== 'by-hand') {
    const ways = flow === 'service' ? intoInstance(node) : way === 'restarted' ? [FROM_NETWORK, RESTART] : [OFF];
    return { phases: [GONE, ...ways] };
  }
  if (agent === 'idle') return { phases: flow === 'service' ? [SYNC, LEAVE_RESTART] : leaveRamdisk(node) };
  if (agent === 'away') return { phases: [GONE] };
  const act = flow === 'service' || node.disable_power_off ? 'restart the machine' : 'switch the machine off';
  return { phases: [GONE], instruction: `Its agent cannot be stopped: ${act} by hand first` };
}
