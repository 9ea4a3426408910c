import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { localConfiguration } from '../../infra/local/configuration.ts';
import { makeClient } from '../../shared/adapters/dynamodb/client.ts';
import { MemoryDocuments } from '../../shared/adapters/memory/documents.ts';
import { MemoryTables } from '../../shared/adapters/memory/tables.ts';
import { continueInspection } from '../../shared/agent/inspection.ts';
import { lookup } from '../../shared/agent/lookup.ts';
import { ClaimTaken, Conflict, NotFound, Unavailable } from '../../shared/errors.ts';
import { evidenceOf, macsOf } from '../../shared/identity/evidence.ts';
import { evidenceFromInventory } from '../../shared/identity/from-inventory.ts';
import type { JsonObject } from '../../shared/json.ts';
import { dynamoStores, memoryStores, openEngine } from '../contract/engines.ts';
import type { Stores } from '../contract/stores.ts';
import { dynamoSnapshot, inconsistencies, memorySnapshot, type Snapshot } from '../fakes/consistency.ts';
import { Crash, Life, mortal, mortalClient } from '../fakes/mortal.ts';
import { SimulatedWorkflow } from '../fakes/simulated-workflow.ts';

const MACHINES = 64;

/**
 * Machines whose evidence overlaps: neighbours share a MAC in every fourth pair, eight share a serial number, sixteen a
 * UUID, and some have more cards than one transaction holds.
 */
function inventoryOf(n: number): JsonObject {
  const mac = (machine: number, card: number) =>
    `52:54:01:${[machine, card >> 8, card & 255].map((part) => part.toString(16).padStart(2, '0')).join(':')}`;
  const own = Array.from({ length: n % 32 === 0 ? 43 : 2 }, (_, card) => mac(n, card));
  const borrowed = n % 4 === 1 ? [mac(n - 1, 0)] : [];
  return {
    interfaces: [...own, ...borrowed].map((mac_address) => ({ mac_address })),
    disks: [{ name: '/dev/sda', size: 2 ** 40, serial: `DISK-${n}` }],
    system_vendor: {
      serial_number: n % 3 === 0 ? `SHARED-${Math.floor(n / 24)}` : `SN-${n}`,
      system_uuid: `7d4f8c1a-3b5e-4f60-9a7b-0000000000${String(Math.floor(n / 16)).padStart(2, '0')}`,
      product_name: 'R1',
      manufacturer: 'Example',
    },
  };
}

type Answer = { node: string } | 'not found';

/** One boot of a machine as a stock agent does it, an inventory and then its MACs; throws Crash when a request died. */
async function boot(n: number, stores: Stores, documents: MemoryDocuments): Promise<Answer> {
  const given = {
    ...stores,
    documents,
    workflow: new SimulatedWorkflow(),
    clock: { now: () => Date.parse('2026-01-01T00:00:00Z') },
    ids: { uuid: randomUUID },
    configuration: localConfiguration({ limits: { enrolmentsPerMinute: 100_000 }, inbox: { perMinute: 100_000 } }),
    tokenKey: async () => new Uint8Array(32),
  };
  const inventory = inventoryOf(n);
  const inspected = await orNotFound(continueInspection({ inventory }, given));
  const shown = macsOf(evidenceFromInventory(inventory)).map(
    (text) => ({ kind: 'mac', text, source: 'query' }) as const,
  );
  const asked = { evidence: evidenceOf(shown), token: 'wanted' } as const;
  if (inspected === 'not found') return orNotFound(lookup(asked, given));
  assert.deepEqual(await orNotFound(lookup({ ...asked, nodeUuid: inspected.node }, given)), inspected);
  return inspected;
}

async function orNotFound(work: Promise<{ node: { uuid: string } }>): Promise<Answer> {
  try {
    return { node: (await work).node.uuid };
  } catch (error) {
    if (error instanceof NotFound) return 'not found';
    throw error;
  }
}

const mayBeAskedAgain = (error: unknown): boolean =>
  error instanceof Crash ||
  error instanceof Unavailable ||
  (error instanceof Conflict && !(error instanceof ClaimTaken));

interface Deployment {
  /** The stores as one machine's requests see them. */
  storesFor(machine: number, life: () => Life): Stores;
  /** Where it can be looked at between two calls: after every crash. */
  look?: () => void;
}

/** Dies with its first call, then with its second, and so on, until a request lives long enough. */
async function bootUntilItWorks(n: number, deployment: Deployment, firstCrash: number): Promise<Answer> {
  const documents = new MemoryDocuments();
  let life = new Life(firstCrash);
  const stores = deployment.storesFor(n, () => life);
  for (let times = 1; ; times += 1) {
    try {
      return await boot(n, stores, documents);
    } catch (error) {
      if (!mayBeAskedAgain(error)) throw error;
      deployment.look?.();
    }
    life = new Life(firstCrash + times);
  }
}

const race = (deployment: Deployment, firstCrash = 1): Promise<Answer[]> =>
  Promise.all(Array.from({ length: MACHINES }, (_, n) => bootUntilItWorks(n, deployment, firstCrash)));
const bootAgain = (deployment: Deployment) => race(deployment, Number.POSITIVE_INFINITY);

/** A removal that dies is asked for again, as an operator would. */
async function removeUntilItIsGone(uuid: string, deployment: Deployment): Promise<void> {
  let life = new Life(1);
  const { nodes } = deployment.storesFor(0, () => life);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const node = await nodes.get(uuid);
      if (!node) return;
      await nodes.remove(node);
    } catch (error) {
      if (!mayBeAskedAgain(error)) throw error;
    }
    life = new Life(1 + attempt);
  }
}

/** Never two: no two machines were told one node, unless they showed one MAC. Never lost: whoever was told a node finds it again. */
function checkAnswers(answers: readonly Answer[], again: readonly Answer[], state: Snapshot): void {
  const told = new Map<string, number[]>();
  for (const [n, answer] of answers.entries()) {
    if (answer !== 'not found') told.set(answer.node, [...(told.get(answer.node) ?? []), n]);
  }
  for (const [node, machines] of told) {
    const [first = 0, second] = machines;
    assert.ok(machines.length <= 2, `${node} is of ${machines}`);
    if (second !== undefined) assert.ok(second === first + 1 && second % 4 === 1, `${node} is of ${machines}`);
  }
  assert.ok(told.size >= MACHINES / 2, `${told.size} nodes`);
  // Of no machine there are two nodes, and no lookup by MAC made one that has forgotten what the inventory showed.
  const disks = state.nodes.map(({ properties }) => String(properties['disk_serials']));
  assert.ok(disks.every((disk) => /^DISK-\d+$/.test(disk)) && new Set(disks).size === disks.length, disks.join());
  const living = new Set(state.nodes.map(({ uuid }) => uuid));
  for (const [n, answer] of answers.entries()) {
    if (answer === 'not found') continue;
    assert.ok(living.has(answer.node), `the node of machine ${n} is gone`);
    const later = again[n];
    // Its neighbour may have shown both their MACs since: then a person decides. Another node it must never get.
    if (later !== undefined && later !== 'not found') assert.deepEqual(later, answer);
  }
}

describe(`${MACHINES} machines with overlapping evidence, with a crash after every call`, () => {
  it('in memory: consistent at every crash', async () => {
    const tables = new MemoryTables();
    let looks = 0;
    const deployment: Deployment = {
      storesFor: (_machine, life) =>
        Object.fromEntries(
          Object.entries(memoryStores(tables)).map(([name, store]) => [name, mortal(store, life)]),
        ) as unknown as Stores,
      look: () => {
        looks += 1;
        assert.deepEqual(inconsistencies(memorySnapshot(tables)), []);
      },
    };
    const answers = await race(deployment);
    assert.ok(looks > MACHINES * 2, `${looks} crashes`);
    const state = memorySnapshot(tables);
    assert.deepEqual(inconsistencies(state), []);
    checkAnswers(answers, await bootAgain(deployment), state);
  });

  it('in the embedded engine, with crashes between the transactions of one call: consistent afterwards', async () => {
    const engine = await openEngine();
    const clients: { destroy(): void }[] = [];
    after(() => {
      for (const client of clients) client.destroy();
      return engine.close();
    });
    const deployment: Deployment = {
      storesFor: (_machine, life) => {
        const client = mortalClient(makeClient(engine.endpoint), life);
        clients.push(client);
        return dynamoStores(client, engine.names);
      },
    };
    const answers = await race(deployment);
    const state = await dynamoSnapshot(engine.client, engine.names);
    assert.deepEqual(inconsistencies(state), []);
    checkAnswers(answers, await bootAgain(deployment), state);
    assert.deepEqual(inconsistencies(await dynamoSnapshot(engine.client, engine.names)), []);

    // Their operator removes some, dying as often, while their machines boot again.
    const removed = state.nodes.filter((_, n) => n % 4 === 0).map(({ uuid }) => uuid);
    const removals = removed.map((uuid) => removeUntilItIsGone(uuid, deployment));
    await Promise.all([...removals, bootAgain(deployment)]);
    const left = await dynamoSnapshot(engine.client, engine.names);
    assert.deepEqual(inconsistencies(left), []);
    assert.deepEqual(
      left.nodes.filter(({ uuid }) => removed.includes(uuid)),
      [],
    );
  });
});

describe('the checker', () => {
  const sound = (): Snapshot => ({
    nodes: [
      { uuid: 'a', name: null, instance_uuid: null, properties: { serial_number: 'S' }, macs: ['52:54:00:00:00:01'] },
    ],
    ports: [{ uuid: 'p', address: '52:54:00:00:00:01', node_uuid: 'a' }],
    claims: [
      { name: 'mac#52:54:00:00:00:01', owner: 'a', shared: false },
      { name: 'serial#s', owner: 'a', shared: false },
    ],
    sessions: ['a'],
    events: [{ node: 'a', type: 'enrolled' }],
  });
  const broken: [string, (state: Snapshot) => void, RegExp][] = [
    [
      'a claim of a dead node',
      (state) => void state.claims.push({ name: 'serial#x', owner: 'dead', shared: false }),
      /no living node/,
    ],
    ['a missing claim', (state) => void state.claims.pop(), /serial#s is listed by a and not claimed/],
    [
      'an orphan port',
      (state) => void state.ports.push({ uuid: 'q', address: '52:54:00:00:00:02', node_uuid: 'dead' }),
      /no living node/,
    ],
    ['a MAC without port', (state) => void state.ports.pop(), /other MACs than its ports/],
    ['an orphan session', (state) => void state.sessions.push('dead'), /session of dead/],
    ['no session', (state) => void state.sessions.pop(), /has no session/],
    ['a node that nothing made', (state) => void state.events.pop(), /0 events that made it/],
    [
      'two nodes with one serial number that is not marked shared',
      (state) =>
        void state.nodes.push({
          uuid: 'b',
          name: null,
          instance_uuid: null,
          properties: { serial_number: 'S' },
          macs: [],
        }),
      /serial#s of a is listed by a,b/,
    ],
  ];
  it('finds nothing wrong with a sound state', () => assert.deepEqual(inconsistencies(sound()), []));
  for (const [what, breakIt, expected] of broken) {
    it(`finds ${what}`, () => {
      const state = sound();
      breakIt(state);
      assert.match(inconsistencies(state).join('\n'), expected);
    });
  }
});
