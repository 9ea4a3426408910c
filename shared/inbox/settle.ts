import { timestamp } from '../clock.ts';
import type { Configuration } from '../configuration.ts';
import { keptDecision } from '../enrollment/kept-decision.ts';
import { newMachine } from '../enrollment/new-machine.ts';
import type { NodeShape } from '../enrollment/policy.ts';
import { ClaimTaken, Conflict, InvalidInput } from '../errors.ts';
import { isFindable } from '../identity/evidence.ts';
import type { NewEvent, Node } from '../node/node.ts';
import type { Beside, NodeStore } from '../node/node-store.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import { type ReplaceDependencies, replaceHardware } from './replace-hardware.ts';
import { type Submission, uniqueOf } from './submission.ts';

export interface SettleDependencies extends ReplaceDependencies {
  nodes: Pick<NodeStore, 'get' | 'create' | 'takeOver'>;
  resources: Pick<ResourceStore, 'get' | 'replace'>;
  configuration: Pick<Configuration, 'enrollment'>;
}

/** Who decides, and what they said. */
export interface Act {
  by: string | null;
  reason?: string | undefined;
}

/**
 * The machine becomes a new node. Its next lookup, by any of its MACs, finds it. Node and decision are one transaction.
 * Throws Conflict: it was decided already, or a value of it belongs to a node.
 */
export async function approveAsNew(row: Submission, shape: NodeShape, act: Act, given: SettleDependencies) {
  undecided(row);
  if (!isFindable(row.evidence)) throw new InvalidInput('The machine showed nothing by which it could be found again');
  const { node, ports } = newMachine(row.evidence, shape, {
    settings: given.configuration.enrollment,
    created_at: timestamp(given.clock.now()),
    uuid: () => given.ids.uuid(),
  });
  const settled = settle(row, { as: 'new', node: node.uuid }, act, given);
  const detail = { ...keptDecision(row), submission: row.uuid };
  const event = `Enrolled out of the inbox${act.reason === undefined ? '' : `: ${act.reason}`}`;
  const enrolled: NewEvent = { event_type: 'enrolled', event, severity: 'INFO', user: act.by, detail };
  try {
    const made = await given.nodes.create(node, ports, [enrolled], [settled]);
    return { node: made, submission: after(settled) };
  } catch (error) {
    if (!(error instanceof ClaimTaken)) throw error;
    const advice = error.kind === 'mac' ? '; approve it as that node, or delete that port' : '';
    throw new Conflict(`${error.kind} ${error.value} is of node ${error.owner ?? 'another'}${advice}`);
  }
}

/** Replace hardware: the machine is that node from now on. */
export async function approveAsNode(row: Submission, node: Node, act: Act, given: SettleDependencies) {
  undecided(row);
  const settled = settle(row, { as: 'node', node: node.uuid }, act, given);
  const stored = await replaceHardware(node, row, { by: act.by, beside: [settled] }, given);
  return { node: stored, submission: after(settled) };
}

/** Its lookups go on to be answered as a stranger's are, and it is asked about no more. */
export async function reject(row: Submission, act: Act, given: SettleDependencies): Promise<Submission> {
  if (row.state === 'approved') throw new Conflict(`Submission ${row.uuid} was approved as node ${row.node}`);
  const at = timestamp(given.clock.now());
  const reason = act.reason ?? null;
  // Whoever decides has all its MACs before them.
  const { gained: _gained, ...seen } = row;
  const next: Submission = {
    ...seen,
    state: 'rejected',
    updated_at: at,
    decision: { as: null, node: null, reason },
    decided_by: act.by,
    decided_at: at,
  };
  const keys = row.keys.map(uniqueOf);
  const event = `rejected${reason === null ? '' : `: ${reason}`}`;
  return given.resources.replace('submission', next, { before: keys, after: keys }, [
    { event_type: 'decided', event, severity: 'INFO', user: act.by, detail: { state: 'rejected', reason } },
  ]);
}

function undecided(row: Submission): void {
  if (row.state === 'approved') throw new Conflict(`Submission ${row.uuid} was approved as node ${row.node} already`);
}

type Settled = Extract<Beside, { change: 'replace' }>;

function settle(
  row: Submission,
  { as, node }: { as: 'new' | 'node'; node: string },
  { by, reason }: Act,
  given: Pick<SettleDependencies, 'clock'>,
): Settled & { item: Submission } {
  const at = timestamp(given.clock.now());
  const decision = { as, node, reason: reason ?? null };
  const item: Submission = {
    ...row,
    state: 'approved',
    updated_at: at,
    node,
    decision,
    decided_by: by,
    decided_at: at,
  };
  const event = `approved as ${as === 'new' ? 'new node' : 'node'} ${node}${reason === undefined ? '' : `: ${reason}`}`;
  const told = {
    event_type: 'decided',
    event,
    severity: 'INFO' as const,
    user: by,
    detail: { state: 'approved', ...decision },
  };
  return { change: 'replace', kind: 'submission', item, events: [told] };
}

const after = ({ item }: Settled & { item: Submission }): Submission => ({ ...item, version: item.version + 1 });
