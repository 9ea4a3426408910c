import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Decision, decide } from '../../shared/identity/decide.ts';
import { type Evidence, evidenceOf, type Shown } from '../../shared/identity/evidence.ts';
import { EVIDENCE_KINDS, type EvidenceKind, rowOf } from '../../shared/identity/kinds.ts';
import type { Matching } from '../../shared/identity/matching.ts';
import type { JsonObject } from '../../shared/json.ts';
import { newNode } from '../../shared/node/new-node.ts';
import type { Node } from '../../shared/node/node.ts';

/** Few values, so that they meet; a MAC has one owner, as the store's claims promise. */
const KINDS = EVIDENCE_KINDS.filter((kind) => kind !== 'profile' && kind !== 'mac');
const mac = (owner: number, nth: number) => `52:54:00:00:0${owner}:0${nth}`;
const spelled = (kind: EvidenceKind, nth: number): string =>
  rowOf(kind).shape === 'mac'
    ? `52:54:00:ff:00:0${nth}`
    : rowOf(kind).shape === 'address'
      ? `10.0.0.${nth}`
      : `v${nth}-${kind}`;
const nth = fc.integer({ min: 1, max: 3 });
const profile = fc.constantFrom<JsonObject>(
  {},
  { vendor: 'X', model: 'R1', cpus: 8 },
  { vendor: 'X', model: 'R2', cpus: 8 },
);

const aNode = (owner: number) =>
  fc
    .record({ macs: fc.uniqueArray(nth, { maxLength: 3 }), values: someValues(), profile })
    .map(({ macs, values, profile }): Node => {
      const properties: JsonObject = { ...profile };
      for (const [kind, value] of values) {
        const { property, many } = rowOf(kind);
        if (property !== undefined) properties[property] = many ? [value] : value;
      }
      const created_at = '';
      const uuid = `node-${owner}`;
      return newNode({
        uuid,
        driver: 'manual',
        created_at,
        interfaces: {},
        macs: macs.map((one) => mac(owner, one)),
        properties,
      });
    });
const someValues = () =>
  fc.uniqueArray(
    fc.tuple(fc.constantFrom(...KINDS), nth).map(([kind, n]) => [kind, spelled(kind, n)] as const),
    {
      selector: ([kind]) => kind,
      maxLength: 6,
    },
  );
const nodes = fc.tuple(...[1, 2, 3, 4].map(aNode)).chain((all) => fc.subarray(all, { minLength: 1 }));
const shown = fc.record({
  macs: fc.uniqueArray(
    fc.tuple(fc.integer({ min: 1, max: 5 }), nth).map(([owner, n]) => mac(owner, n)),
    { maxLength: 4 },
  ),
  values: someValues(),
  profile,
});
const evidence = shown.map(({ macs, values, profile }): Evidence => {
  const items = [...macs.map((text) => ['mac', text] as const), ...values];
  return evidenceOf(
    items.map(([kind, text]): Shown => ({ kind, text, source: 'inventory' })),
    profile,
  );
});
const matching = fc.oneof(
  fc.constant<Matching>({ preset: 'nodeless' }),
  fc.constant<Matching>({ preset: 'ironic' }),
  fc
    .record({ threshold: fc.integer({ min: 1, max: 200 }), vetoes: fc.subarray(EVIDENCE_KINDS) })
    .map((given): Matching => ({ preset: 'nodeless', ...given })),
);
const MANY = { numRuns: 1000 };

const winner = (decision: Decision): string | undefined =>
  decision.verdict === 'match' ? decision.node.uuid : undefined;
const outcome = (decision: Decision): string => `${decision.verdict} ${winner(decision) ?? ''}`;
const owners = (kind: EvidenceKind, value: string, all: readonly Node[]): Node[] =>
  all.filter((node) => {
    if (kind === 'mac') return node.macs.includes(value);
    const { property } = rowOf(kind);
    return property !== undefined && [node.properties[property]].flat().includes(value);
  });
const without = (given: Evidence, at: number): Evidence => ({
  ...given,
  items: given.items.filter((_, i) => i !== at),
});

const withoutValue = (node: Node, kind: EvidenceKind, value: string): Node => {
  const { property } = rowOf(kind);
  const properties = Object.entries(node.properties).filter(
    ([key, told]) => key !== property || ![told].flat().includes(value),
  );
  const macs = kind === 'mac' ? node.macs.filter((one) => one !== value) : node.macs;
  return { ...node, macs, properties: Object.fromEntries(properties) };
};

describe('a decision, whatever the evidence, the nodes and the weights', () => {
  it('does not depend on the order of evidence and nodes', () => {
    const shuffled = <T>(all: readonly T[]) => fc.shuffledSubarray([...all], { minLength: all.length });
    const inputs = fc
      .tuple(evidence, nodes, matching)
      .chain(([given, all, how]) =>
        fc.tuple(fc.constant(given), fc.constant(all), fc.constant(how), shuffled(given.items), shuffled(all)),
      );
    fc.assert(
      fc.property(inputs, ([given, all, how, items, mixed]) => {
        assert.deepEqual(decide({ ...given, items }, mixed, how), decide(given, all, how));
      }),
      MANY,
    );
  });

  it('never makes another node win when there is more evidence for one', () => {
    fc.assert(
      fc.property(evidence, nodes, matching, fc.nat(), (given, all, how, pick) => {
        if (given.items.length === 0) return;
        const at = pick % given.items.length;
        const more = given.items[at];
        const before = winner(decide(without(given, at), all, how));
        const after = winner(decide(given, all, how));
        if (!more || after === undefined || after === before) return;
        assert.ok(owners(more.kind, more.value, all).some(({ uuid }) => uuid === after));
      }),
      MANY,
    );
  });

  it('is the same without a value that several nodes have', () => {
    fc.assert(
      fc.property(evidence, nodes, matching, (given, all, how) => {
        for (const [at, { kind, value }] of given.items.entries()) {
          if (kind === 'mac' || owners(kind, value, all).length < 2) continue;
          assert.equal(outcome(decide(given, all, how)), outcome(decide(without(given, at), all, how)));
        }
      }),
      MANY,
    );
  });

  it('is what it would be if nobody had a value that the operator ignores', () => {
    fc.assert(
      fc.property(evidence, nodes, matching, (given, some, how) => {
        // A MAC that nobody shows: so no node becomes one without MACs.
        const all = some.map((node) => ({ ...node, macs: [...node.macs, `52:54:00:aa:aa:0${node.uuid.slice(-1)}`] }));
        for (const [at, { kind, value }] of given.items.entries()) {
          const ignoring = decide(given, all, { ...how, ignoredValues: { [kind]: [value] } });
          const gone = all.map((node) => withoutValue(node, kind, value));
          assert.equal(outcome(ignoring), outcome(decide(without(given, at), gone, how)), `${kind} ${value}`);
        }
      }),
      MANY,
    );
  });

  it('does not see nodes that share nothing with the machine', () => {
    const strangers = fc.integer({ min: 6, max: 9 }).map((owner) =>
      newNode({
        uuid: `node-${owner}`,
        driver: 'manual',
        created_at: '',
        interfaces: {},
        macs: [mac(owner, 1)],
        properties: { serial_number: `stranger-${owner}`, vendor: 'X', model: 'R1', cpus: 8 },
      }),
    );
    fc.assert(
      fc.property(evidence, nodes, matching, fc.array(strangers), (given, all, how, more) => {
        assert.deepEqual(decide(given, [...more, ...all], how), decide(given, all, how));
      }),
      MANY,
    );
  });

  it('is never nobody’s when it shows a MAC of a node', () => {
    fc.assert(
      fc.property(evidence, nodes, matching, (given, all, how) => {
        const known = given.items.some(({ kind, value }) => kind === 'mac' && owners(kind, value, all).length > 0);
        if (known) assert.notEqual(decide(given, all, how).verdict, 'none');
      }),
      MANY,
    );
  });

  it('never gives a machine with values of two nodes to one of them', () => {
    fc.assert(
      fc.property(evidence, nodes, matching, (given, all, how) => {
        const macOwners = new Set(
          given.items.flatMap(({ kind, value }) => (kind === 'mac' ? owners(kind, value, all) : [])),
        );
        if (macOwners.size > 1) assert.equal(decide(given, all, how).verdict, 'conflict');
      }),
      MANY,
    );
  });
});
