import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Stores } from './stores.ts';
import { aNode, type OpenStores } from './stores.ts';

export const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
const boot = (node: string, generation: number, callbackUrl = 'http://10.0.0.7:9999') => ({
  node,
  generation,
  callbackUrl,
  certificate: 'PEM',
  agentVersion: '11.0.0',
  startedAt: 1000,
});
const issue = { tokenHash: hashOf('one'), intervalSeconds: 60, at: 500 };

export function sessionStoreContract(adapter: string, open: OpenStores): void {
  const it = (title: string, work: (stores: Stores, node: string) => Promise<void>) =>
    test(`${adapter}: ${title}`, async () => {
      const stores = await open();
      const { uuid } = await stores.nodes.create(aNode(), []);
      await work(stores, uuid);
    });
  const beat = (node: string, token = 'one', bootFingerprint = 'boot-a', at = 1000) => ({
    node,
    tokenHash: hashOf(token),
    bootFingerprint,
    at,
  });

  it('pages hold every session once', async ({ sessions, nodes }, node) => {
    const more = await Promise.all(Array.from({ length: 3 }, () => nodes.create(aNode(), [])));
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await sessions.page(after);
      seen.push(...page.sessions.map((one) => one.node));
      after = page.next;
    } while (after !== undefined);
    for (const uuid of [node, ...more.map((one) => one.uuid)]) {
      assert.equal(seen.filter((one) => one === uuid).length, 1);
    }
  });

  it('an agent is noted as missing, unless it has beaten since', async ({ sessions }, node) => {
    await sessions.issue(node, 0, issue);
    const { beats = -1 } = (await sessions.get(node)) ?? {};
    const missing = { beats, since: 2000, lookedAt: 3000, told: false };
    assert.equal(await sessions.miss(node, missing), true);
    assert.deepEqual((await sessions.get(node))?.missing, missing);
    assert.equal(await sessions.miss(node, { ...missing, beats: beats - 1 }), false);
    await sessions.firstBeat(beat(node), boot(node, 1));
    assert.equal(await sessions.miss(node, { ...missing, told: true }), false);
    assert.equal((await sessions.get(node))?.missing?.told, false);
    await sessions.issue(node, 1, issue);
    assert.equal((await sessions.get(node))?.missing, undefined, 'another generation starts without it');
  });

  it('nobody is noted as missing who is not there', async ({ sessions }) => {
    const missing = { beats: 0, since: 1, lookedAt: 1, told: true };
    assert.equal(await sessions.miss('11111111-1111-4111-8111-111111111111', missing), false);
  });

  it('a new node has a session that was never issued', async ({ sessions }, node) => {
    const session = { node, generation: 0, beats: 0, lastBeatAt: 0, issuedAt: 0, intervalSeconds: 0 };
    assert.deepEqual(await sessions.get(node), session);
    assert.deepEqual(
      (await sessions.list()).filter((one) => one.node === node),
      [session],
    );
  });

  it('the first beat of a boot stores the boot, the next ones only count', async ({ sessions }, node) => {
    const fresh = await sessions.issue(node, 0, issue);
    assert.equal(fresh?.generation, 0);
    const first = await sessions.beat(beat(node));
    assert.deepEqual([first.accepted, 'reason' in first && first.reason], [false, 'first-beat']);
    const opened = await sessions.firstBeat(beat(node), boot(node, 1));
    assert.equal(opened.accepted && opened.before.lastBeatAt, 0);
    assert.deepEqual(await sessions.boot(node, 1), boot(node, 1));
    const next = await sessions.beat(beat(node, 'one', 'boot-a', 2000));
    assert.equal(next.accepted && next.before.lastBeatAt, 1000);
    const session = await sessions.get(node);
    assert.deepEqual([session?.lastBeatAt, session?.bootFingerprint, session?.generation], [2000, 'boot-a', 1]);
    assert.equal(session?.beats, (next.accepted ? next.before.beats : NaN) + 1);
  });

  it('a refused beat says why and counts nothing', async ({ sessions, nodes }, node) => {
    await sessions.issue(node, 0, issue);
    const reason = async (given: Parameters<typeof sessions.beat>[0]) => {
      const outcome = await sessions.beat(given);
      return outcome.accepted ? 'accepted' : outcome.reason;
    };
    assert.equal(await reason(beat(node, 'two')), 'wrong-token');
    await sessions.firstBeat(beat(node), boot(node, 1));
    const before = await sessions.get(node);
    assert.equal(await reason(beat(node, 'two')), 'wrong-token');
    assert.equal(await reason(beat(node, 'one', 'boot-b')), 'other-boot');
    assert.equal(await reason({ node, bootFingerprint: 'boot-a', at: 1 }), 'wrong-token');
    assert.equal(await reason({ ...beat(node), tokenHash: 'short' }), 'wrong-token');
    assert.equal(await reason(beat(aNode().uuid)), 'no-node');
    assert.deepEqual(await sessions.get(node), before);
    const row = await nodes.get(node);
    if (row) await nodes.remove(row);
    assert.equal(await reason(beat(node)), 'no-node');
    assert.equal(await sessions.get(node), undefined);
    assert.equal(await sessions.boot(node, 1), undefined);
  });

  it('of two boots that race for one token one is taken, and its own address is kept', async ({ sessions }, node) => {
    await sessions.issue(node, 0, issue);
    const [a, b] = await Promise.all([
      sessions.firstBeat(beat(node, 'one', 'boot-a'), boot(node, 1, 'http://10.0.0.1:9999')),
      sessions.firstBeat(beat(node, 'one', 'boot-b'), boot(node, 1, 'http://10.0.0.2:9999')),
    ]);
    assert.notEqual(a.accepted, b.accepted);
    const lost = a.accepted ? b : a;
    assert.equal('reason' in lost && lost.reason, 'other-boot');
    assert.equal(
      (await sessions.boot(node, 1))?.callbackUrl,
      a.accepted ? 'http://10.0.0.1:9999' : 'http://10.0.0.2:9999',
    );
  });

  it('a first beat of an older generation is refused', async ({ sessions }, node) => {
    await sessions.issue(node, 0, issue);
    await sessions.issue(node, 1, { ...issue, tokenHash: hashOf('two') });
    const late = await sessions.firstBeat(beat(node), boot(node, 1));
    assert.equal('reason' in late && late.reason, 'wrong-token');
  });

  it('an agent of 2014 beats without a token, and nobody else does', async ({ sessions }, node) => {
    await sessions.issue(node, 0, { tokenless: true, intervalSeconds: 60, at: 1 });
    const bare = { node, bootFingerprint: 'boot-a', at: 5 };
    assert.ok((await sessions.firstBeat(bare, boot(node, 1))).accepted);
    assert.ok((await sessions.beat(bare)).accepted);
    await sessions.issue(node, 1, issue);
    const late = await sessions.beat(bare);
    assert.equal('reason' in late && late.reason, 'wrong-token');
  });

  it('of 64 issues of one generation one happens', async ({ sessions }, node) => {
    const issues = await Promise.all(Array.from({ length: 64 }, () => sessions.issue(node, 0, issue)));
    assert.equal(issues.filter((before) => before !== undefined).length, 1);
    assert.equal((await sessions.get(node))?.generation, 1);
  });

  it('a token is not replaced when a beat came in between', async ({ sessions }, node) => {
    await sessions.issue(node, 0, { ...issue, lastBeatAt: 0 });
    await sessions.firstBeat(beat(node), boot(node, 1));
    assert.equal(await sessions.issue(node, 1, { ...issue, lastBeatAt: 0 }), undefined);
    const before = await sessions.issue(node, 1, { ...issue, tokenHash: hashOf('two'), lastBeatAt: 1000 });
    assert.equal(before?.bootFingerprint, 'boot-a');
    const session = await sessions.get(node);
    assert.deepEqual([session?.generation, session?.lastBeatAt, session?.bootFingerprint], [2, 0, undefined]);
  });

  it('a revoked token is dead', async ({ sessions }, node) => {
    await sessions.issue(node, 0, issue);
    await sessions.firstBeat(beat(node), boot(node, 1));
    assert.equal(await sessions.revoke(node, 0), false);
    assert.equal(await sessions.revoke(node, 1), true);
    const late = await sessions.beat(beat(node));
    assert.equal('reason' in late && late.reason, 'wrong-token');
    const session = await sessions.get(node);
    assert.deepEqual([session?.generation, session?.tokenHash], [2, undefined]);
  });

  it('a hand-over is noted with its generation, and gone with the next one', async ({ sessions }, node) => {
    const handedOver = '12/3';
    await sessions.issue(node, 0, { ...issue, handedOver });
    assert.equal((await sessions.get(node))?.handedOver, handedOver);
    await sessions.firstBeat(beat(node), boot(node, 1));
    await sessions.issue(node, 1, { ...issue, tokenHash: hashOf('two') });
    assert.equal((await sessions.get(node))?.handedOver, undefined);
    await sessions.issue(node, 2, { ...issue, handedOver: '13/0' });
    assert.equal((await sessions.get(node))?.handedOver, '13/0');
    await sessions.revoke(node, 3);
    assert.equal((await sessions.get(node))?.handedOver, undefined);
  });

  it('a run that waits is in the next beat, until it is disarmed', async ({ sessions }, node) => {
    await sessions.issue(node, 0, issue);
    await sessions.firstBeat(beat(node), boot(node, 1));
    const beats = (await sessions.get(node))?.beats ?? NaN;
    const waiter = { taskToken: 'token', armedBy: 1001, beats, generation: 1 };
    assert.equal(await sessions.arm(node, { ...waiter, beats: beats - 1 }), false);
    assert.equal(await sessions.arm(node, { ...waiter, generation: 0 }), false);
    assert.equal(await sessions.arm(node, waiter), true);
    assert.equal(await sessions.arm(node, { ...waiter, armedBy: 1000 }), false);
    const outcome = await sessions.beat(beat(node));
    assert.equal(outcome.accepted && outcome.before.taskToken, 'token');
    await sessions.disarm(node, 1000);
    assert.equal((await sessions.get(node))?.taskToken, 'token');
    await sessions.disarm(node, 1001);
    assert.equal((await sessions.get(node))?.taskToken, undefined);
  });

  it('a new token keeps the waiter, and a run that arms itself with the old count is told', async ({
    sessions,
  }, node) => {
    await sessions.issue(node, 0, issue);
    const { beats = NaN } = (await sessions.get(node)) ?? {};
    assert.ok(await sessions.arm(node, { taskToken: 'token', armedBy: 1, beats, generation: 1 }));
    const before = await sessions.issue(node, 1, issue);
    assert.equal(before?.taskToken, 'token');
    const after = await sessions.get(node);
    assert.deepEqual([after?.taskToken, after?.armedBy], ['token', 1]);
    assert.equal(await sessions.arm(node, { taskToken: 'x', armedBy: 2, beats, generation: 2 }), false);
  });

  it('nothing brings the session of a node back that was never there', async ({ sessions }) => {
    const { uuid } = aNode();
    assert.equal(await sessions.issue(uuid, 0, issue), undefined);
    assert.equal(await sessions.revoke(uuid, 0), false);
    assert.equal(await sessions.arm(uuid, { taskToken: 't', armedBy: 1, beats: 0, generation: 0 }), false);
    await sessions.disarm(uuid, 9);
    const first = await sessions.firstBeat(beat(uuid), boot(uuid, 0));
    assert.equal('reason' in first && first.reason, 'no-node');
    assert.equal(await sessions.get(uuid), undefined);
  });
}
