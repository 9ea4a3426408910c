import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { ClaimTaken, VersionConflict } from '../../shared/errors.ts';
import type { JoinToken } from '../../shared/join-token/join-token.ts';
import type { Stored } from '../../shared/resource/resource-store.ts';
import { aMac, aNode, anEvent, aPort, type OpenStores, outcomes, type Stores } from './stores.ts';

type Row = Stored & { state: string };
const at = '2026-01-01T00:00:00.000Z';
const aRow = (state: string): Row => ({
  uuid: randomUUID(),
  created_at: at,
  updated_at: null,
  version: 1,
  schema: 1,
  state,
});
const aToken = (uses: number | null, revoked_at: string | null = null): JoinToken => ({
  ...aRow(''),
  name: null,
  description: null,
  hash: 'h',
  expires_at: null,
  uses,
  used: 0,
  serials: [],
  models: [],
  policy: null,
  revoked_at,
  revoked_by: null,
  created_by: null,
});

/** What enrolment and the inbox write together, and the numbers that all processes share. */
export function inboxWritesContract(adapter: string, open: OpenStores): void {
  const it = (title: string, work: (stores: Stores) => Promise<void>) =>
    test(`${adapter}: ${title}`, async () => work(await open()));

  it('of 16 nodes with the last 2 uses of a join token two are created', async ({ nodes, resources }) => {
    const token = aToken(2);
    await resources.create('join_token', token, []);
    const enrol = async () => {
      const node = aNode();
      // A busy store says 503, and the machine comes back.
      for (;;) {
        try {
          return await nodes.create(node, [], [anEvent('enrolled')], [{ change: 'use', token: token.uuid }]);
        } catch (error) {
          if (!(error instanceof Error && error.name === 'Unavailable')) throw error;
        }
      }
    };
    assert.deepEqual(await outcomes(Array.from({ length: 16 }, enrol)), { ok: 2, ClaimTaken: 14 });
    assert.equal((await resources.get<JoinToken>('join_token', token.uuid))?.used, 2);
  });

  it('a token without a limit is counted, and a revoked or unknown one creates nothing', async ({
    nodes,
    resources,
  }) => {
    const [free, revoked] = [aToken(null), aToken(null, at)];
    for (const token of [free, revoked]) await resources.create('join_token', token, []);
    await nodes.create(aNode(), [], [], [{ change: 'use', token: free.uuid }]);
    assert.equal((await resources.get<JoinToken>('join_token', free.uuid))?.used, 1);
    for (const token of [revoked.uuid, randomUUID()]) {
      const node = aNode();
      const refused = (error: unknown) => error instanceof ClaimTaken && error.kind === 'join_token';
      await assert.rejects(nodes.create(node, [], [], [{ change: 'use', token }]), refused);
      assert.equal(await nodes.get(node.uuid), undefined);
    }
  });

  it('a node and the decision that made it are one write', async ({ nodes, resources }) => {
    const row = aRow('held');
    await resources.create('submission', row, [], [anEvent('held')]);
    const settled = { change: 'replace' as const, kind: 'submission' as const, item: { ...row, state: 'approved' } };
    const beside = [{ ...settled, events: [anEvent('approved')] }];
    const [node, late] = [aNode(), aNode()];
    await nodes.create(node, [], [], beside);
    assert.equal((await resources.get<Row>('submission', row.uuid))?.state, 'approved');
    assert.deepEqual(
      (await nodes.events(row.uuid)).map(({ event }) => event),
      ['held', 'approved'],
    );
    await assert.rejects(nodes.create(late, [], [], beside), VersionConflict);
    assert.equal(await nodes.get(late.uuid), undefined);
  });

  it('what a value is held by is found by several values at once', async ({ resources }) => {
    const [one, other] = [aRow('held'), aRow('held')];
    const key = (value: string) => ({ kind: 'submission_key', value });
    const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
    await resources.create('submission', one, [key(a), key(b)]);
    await resources.create('submission', other, [key(c)]);
    assert.deepEqual(await resources.holders([key(a), key(b), key(randomUUID())]), [one.uuid]);
    assert.deepEqual(await resources.holders([key(b), key(c)]), [one.uuid, other.uuid].sort());
    assert.deepEqual(await resources.holders([]), []);
  });

  it('identifiers move to one node, and the sessions of all concerned end', async (stores) => {
    const { nodes, ports, sessions, identity } = stores;
    const serial = `SN-${randomUUID()}`.toLowerCase();
    const heir = aNode({ properties: { serial_number: `OLD-${serial}` } });
    const loser = aNode({ properties: { serial_number: serial } });
    const [gone, moved, fresh] = [aPort(heir), aPort(loser), aPort(heir)];
    const [before, theirs] = [await nodes.create(heir, [gone]), await nodes.create(loser, [moved])];
    const given = { intervalSeconds: 60, at: 1, tokenHash: 'h' };
    for (const { uuid } of [heir, loser]) await sessions.issue(uuid, 0, given);
    const stored = await nodes.takeOver(
      { ...before, properties: { serial_number: serial } },
      {
        events: [anEvent('replaced')],
        add: [fresh],
        drop: [gone],
        move: [moved],
        losers: [{ node: { ...theirs, properties: {} }, events: [anEvent('lost')] }],
      },
    );
    const macs = [moved.address, fresh.address].sort();
    assert.deepEqual([stored.macs, (await nodes.get(heir.uuid))?.macs, stored.version], [macs, macs, 2]);
    assert.deepEqual((await nodes.get(loser.uuid))?.macs, []);
    assert.deepEqual((await ports.ofNode(heir.uuid)).map(({ address }) => address).sort(), macs);
    assert.equal(await ports.get(gone.uuid), undefined);
    const claims = await identity.claims([
      { kind: 'mac', value: moved.address },
      { kind: 'serial', value: serial },
      { kind: 'mac', value: gone.address },
    ]);
    assert.deepEqual(
      claims.map(({ node }) => node),
      [heir.uuid, heir.uuid],
    );
    for (const { uuid } of [heir, loser]) {
      const session = await sessions.get(uuid);
      assert.deepEqual([session?.generation, session?.tokenHash], [2, undefined]);
    }
    assert.deepEqual(
      (await nodes.events(loser.uuid)).map(({ event }) => event),
      ['lost'],
    );
  });

  it('a take-over names the versions that were read, or changes nothing', async ({ nodes, ports, sessions }) => {
    const [heir, loser] = [aNode(), aNode()];
    const moved = aPort(loser);
    const [before, theirs] = [await nodes.create(heir, []), await nodes.create(loser, [moved])];
    const change = { events: [], add: [], drop: [], move: [moved], losers: [{ node: theirs, events: [] }] };
    const stale = { ...theirs, version: 7 };
    const attempts = [
      () => nodes.takeOver({ ...before, version: 7 }, change),
      () => nodes.takeOver(before, { ...change, losers: [{ node: stale, events: [] }] }),
      () => nodes.takeOver(before, { ...change, move: [{ ...moved, version: 7 }] }),
    ];
    for (const attempt of attempts) await assert.rejects(attempt, VersionConflict);
    assert.deepEqual(
      (await ports.ofNode(loser.uuid)).map(({ uuid }) => uuid),
      [moved.uuid],
    );
    assert.equal((await sessions.get(loser.uuid))?.generation, 0);
  });

  it('a MAC that somebody enrolled meanwhile is not taken over', async ({ nodes }) => {
    const address = aMac();
    const [heir, other] = [aNode(), aNode()];
    const before = await nodes.create(heir, []);
    await nodes.create(other, [aPort(other, address)]);
    const change = { events: [], add: [aPort(heir, address)], drop: [], move: [], losers: [] };
    await assert.rejects(nodes.takeOver(before, change), ClaimTaken);
    assert.equal((await nodes.get(heir.uuid))?.version, 1);
  });

  it('a counter gives so many places and no more, and takes them back', async ({ counters }) => {
    const name = randomUUID();
    const taken = await Promise.all(Array.from({ length: 16 }, () => counters.take(name, 5, Date.now() + 60_000)));
    assert.equal(taken.filter((one) => one).length, 5);
    await counters.giveBack(name);
    assert.deepEqual([await counters.take(name, 5), await counters.take(name, 5)], [true, false]);
    await counters.set(name, 0);
    assert.equal(await counters.take(name, 1), true);
    assert.equal(await counters.take(randomUUID(), 0), false);
    await counters.giveBack(randomUUID());
  });
}
