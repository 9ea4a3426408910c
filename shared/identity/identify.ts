import type { Configuration } from '../configuration.ts';
import type { Node } from '../node/node.ts';
import type { Hit, IdentityIndex, IdentityKey, NodeStore } from '../node/node-store.ts';
import { counts, type Decision, decide } from './decide.ts';
import { type Evidence, keysOf, screen } from './evidence.ts';
import { rowOf } from './kinds.ts';
import { rulesOf } from './matching.ts';

export interface IdentifyDependencies {
  nodes: Pick<NodeStore, 'get'>;
  identity: IdentityIndex;
  configuration: Pick<Configuration, 'matching'>;
}

/** A value of more nodes than this is shared, whatever a stale index says; reading them all would only cost. */
const MOST_OWNERS = 3;

/**
 * Finds whose machine it is. Indexes first (one parallel round, may be stale), each hit checked against a strong read
 * of its node; no match → the claims too, which are strongly consistent. So a stale index neither gives a machine to
 * the wrong node nor makes a known machine a stranger. Throws Unavailable when it could not look.
 */
export async function identify(evidence: Evidence, given: IdentifyDependencies): Promise<Decision> {
  const { matching } = given.configuration;
  const rules = rulesOf(matching);
  const screened = screen(evidence, rules.ignoredValues);
  const keys = keysOf(screened, (kind) => counts(kind, rules));
  const known = new Map<string, Node>();
  const first = await read(await given.identity.candidates(keys), screened, known, given.nodes);
  const early = decide(first, [...known.values()], matching);
  if (early.verdict === 'match') return early;
  const second = await read(await given.identity.claims(keys), first, known, given.nodes);
  return decide(second, [...known.values()], matching);
}

/** Reads the nodes that the hits name; returns the evidence without what too many share. */
async function read(hits: readonly Hit[], evidence: Evidence, known: Map<string, Node>, nodes: Pick<NodeStore, 'get'>) {
  const shared = new Set<string>();
  for (const { key, shared: marked } of hits) {
    const owners = new Set(hits.filter((hit) => same(hit.key, key)).map((hit) => hit.node)).size;
    if (key.kind !== 'mac' && (marked || owners > MOST_OWNERS)) shared.add(nameOf(key));
  }
  const deciding = hits.filter(({ key }) => !shared.has(nameOf(key)));
  const uuids = [...new Set(deciding.map((hit) => hit.node))].filter((uuid) => !known.has(uuid));
  for (const node of await Promise.all(uuids.map((uuid) => nodes.get(uuid)))) if (node) known.set(node.uuid, node);
  const isShared = ({ kind, value }: Evidence['items'][number]): boolean =>
    shared.has(`${rowOf(kind).claim ?? ''} ${value}`);
  const why = 'it is marked as shared by several nodes';
  return {
    ...evidence,
    items: evidence.items.filter((item) => !isShared(item)),
    ignored: [...evidence.ignored, ...evidence.items.filter(isShared).map((item) => ({ ...item, why }))],
  };
}

const nameOf = (key: IdentityKey): string => `${key.kind} ${key.value}`;
const same = (a: IdentityKey, b: IdentityKey): boolean => a.kind === b.kind && a.value === b.value;
