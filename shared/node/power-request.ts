import { NO_IPMI } from '../drivers/ipmi.ts';
import { powerCapability } from '../drivers/registry.ts';
import { Conflict, InvalidInput, NotAcceptable } from '../errors.ts';
import { objectWith } from '../resource/checks.ts';
import { asksPerson, withReport } from '../run/report.ts';
import type { PowerEnd, PowerTarget } from '../run/run.ts';
import type { Node } from './node.ts';
import { refuseLocked } from './node-guards.ts';

interface Target {
  ends: PowerEnd;
  since: number;
  soft: boolean;
}

/** Targets of `PUT …/states/power`: where each ends, and since when. */
const TARGETS: Readonly<Record<PowerTarget, Target>> = {
  'power on': { ends: 'power on', since: 1, soft: false },
  'power off': { ends: 'power off', since: 1, soft: false },
  rebooting: { ends: 'power on', since: 1, soft: false },
  'soft power off': { ends: 'power off', since: 27, soft: true },
  'soft rebooting': { ends: 'power on', since: 27, soft: true },
};
const CLEANING = ['cleaning', 'clean wait'];

export interface PowerRequest {
  target: PowerTarget;
  ends: PowerEnd;
  /** For soft ones: how long the operating system has. */
  timeoutSeconds?: number;
}

/** `PUT …/states/power`, checked against the node (operator-api.md §4.6). */
export function powerRequest(node: Node, body: unknown, minor: number): PowerRequest {
  const given = objectWith(body, ['target', 'timeout'], 'Power');
  const name = (Object.keys(TARGETS) as PowerTarget[]).find((one) => one === given.target);
  if (name === undefined) throw new InvalidInput(`Invalid power target: ${JSON.stringify(given.target ?? null)}`);
  const { ends, soft, since } = TARGETS[name];
  const needed = given.timeout === undefined ? since : 27;
  if (minor < needed) throw new NotAcceptable(`This power request needs API version 1.${needed}`);
  const { timeout } = given;
  if (timeout !== undefined && timeout !== null && !(Number.isInteger(timeout) && Number(timeout) >= 1)) {
    throw new InvalidInput('timeout must be a positive integer');
  }
  const reports = asksPerson(node.run);
  if (CLEANING.includes(node.provision_state) && !reports) {
    throw new InvalidInput(`Can not change the power state of node ${node.uuid} while it is ${node.provision_state}.`);
  }
  if (ends === 'power off' && node.disable_power_off) {
    throw new Conflict(`Power off is disabled for node ${node.uuid}.`);
  }
  // A person has no soft button; BMO falls back to the hard one on 400.
  if (soft && powerCapability(node) === 'person') {
    throw new InvalidInput('The driver does not support soft power actions.');
  }
  if (powerCapability(node) === 'nobody') throw new InvalidInput(NO_IPMI);
  if (!reports) refuseLocked(node);
  return { target: name, ends, ...(typeof timeout === 'number' ? { timeoutSeconds: timeout } : {}) };
}

/** Whether switching takes a run: a BMC, or an operator's code, is asked, and looked at until it is done. */
export function switchedByRun(node: Node): boolean {
  const capability = powerCapability(node);
  if (capability !== 'exchange' && capability !== 'hook') return false;
  // Its run has found that nothing else can do it.
  if (asksPerson(node.run)) return false;
  if (node.run !== null && node.run.ended === null) {
    throw new Conflict(
      `Node ${node.uuid} is locked by host nodeless: its ${node.run.flow} is going on. Wait for it, or abort it first.`,
    );
  }
  return true;
}

/** The row after a switch without a run: fake power is pretended, a person reports what he did. */
export function switched(node: Node, { ends }: PowerRequest, at: string): Node {
  const asked = asksPerson(node.run);
  return {
    ...node,
    power_state: ends,
    // A run that waits for this gives its own account.
    ...(asked ? { run: withReport(node.run, ends) } : { target_power_state: null, last_error: null }),
    updated_at: at,
  };
}
