import { powerCapability } from '../drivers/registry.ts';
import { Conflict, InvalidInput, NotAcceptable } from '../errors.ts';
import { objectWith } from '../resource/checks.ts';
import type { Node } from './node.ts';
import { refuseLocked } from './node-guards.ts';

/** Targets of `PUT …/states/power`: where each ends, and since when. */
const TARGETS: Record<string, { ends: 'power on' | 'power off'; since: number; soft: boolean; off: boolean }> = {
  'power on': { ends: 'power on', since: 1, soft: false, off: false },
  'power off': { ends: 'power off', since: 1, soft: false, off: true },
  rebooting: { ends: 'power on', since: 1, soft: false, off: false },
  'soft power off': { ends: 'power off', since: 27, soft: true, off: true },
  'soft rebooting': { ends: 'power on', since: 27, soft: true, off: false },
};
const CLEANING = ['cleaning', 'clean wait'];

/** The row after a switch (operator-api.md §4.6): fake power is pretended, manual power records what a person did. */
export function switched(node: Node, body: unknown, minor: number, at: string): Node {
  const given = objectWith(body, ['target', 'timeout'], 'Power');
  const target =
    typeof given.target === 'string' && Object.hasOwn(TARGETS, given.target) ? TARGETS[given.target] : undefined;
  if (target === undefined) throw new InvalidInput(`Invalid power target: ${JSON.stringify(given.target ?? null)}`);
  const needed = given.timeout === undefined ? target.since : 27;
  if (minor < needed) throw new NotAcceptable(`This power request needs API version 1.${needed}`);
  const { timeout } = given;
  if (timeout !== undefined && timeout !== null && !(Number.isInteger(timeout) && Number(timeout) >= 1)) {
    throw new InvalidInput('timeout must be a positive integer');
  }
  if (CLEANING.includes(node.provision_state)) {
    throw new InvalidInput(`Can not change the power state of node ${node.uuid} while it is ${node.provision_state}.`);
  }
  if (target.off && node.disable_power_off) throw new Conflict(`Power off is disabled for node ${node.uuid}.`);
  const capability = powerCapability(node);
  if (capability === 'exchange') throw new InvalidInput(`Power of node ${node.uuid} cannot be switched from here yet.`);
  // A person has no soft button; BMO falls back to the hard one on 400.
  if (target.soft && capability === 'person') throw new InvalidInput('The driver does not support soft power actions.');
  refuseLocked(node);
  return { ...node, power_state: target.ends, target_power_state: null, last_error: null, updated_at: at };
}
