import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { approveAsNew, approveAsNode, reject } from '../../shared/inbox/settle.ts';
import type { Submission } from '../../shared/inbox/submission.ts';
import { mac, StrangerSite } from '../fakes/stranger-site.ts';

/** A machine that a person let in, and its node. */
async function letIn(): Promise<{ site: StrangerSite; approved: Submission; node: string }> {
  const site = new StrangerSite();
  const shown = { macs: [mac(1)], serial: 'OURS' };
  assert.equal(await site.inspect(shown), 404);
  const { node } = await approveAsNew(await site.only(), {}, { by: 'ada', reason: 'ordered' }, site.given);
  assert.equal(await site.inspect(shown), node.uuid);
  return { site, approved: await site.only(), node: node.uuid };
}
const beside = async (site: StrangerSite, approved: Submission): Promise<Submission[]> =>
  (await site.rows()).filter(({ uuid }) => uuid !== approved.uuid);

describe('a machine that shows what an approved one has', () => {
  it('leaves the decision, evidence and keys of the approved row as they are, and waits in one row of its own', async () => {
    const { site, approved } = await letIn();
    for (const serial of ['PLANTED-1', 'PLANTED-2', 'PLANTED-3', 'OURS']) {
      site.time += 60_000;
      const macs = serial === 'OURS' ? [mac(9)] : [mac(1), mac(2)];
      assert.equal(await site.inspect({ macs, serial }), 404);
    }
    assert.deepEqual(await site.stores.resources.get('submission', approved.uuid), approved);
    const waiting = await beside(site, approved);
    assert.ok(waiting.length > 0 && waiting.length <= 2, `${waiting.length} rows`);
    for (const { state, candidates } of waiting) assert.deepEqual([state, candidates], ['conflict', [approved.node]]);
    site.consistent();
  });

  it('has one row, however often it comes with the same MAC alone', async () => {
    const { site, approved } = await letIn();
    for (let i = 0; i < 5; i += 1) {
      site.time += 60_000;
      assert.equal(await site.inspect({ macs: [mac(1)], serial: `PLANTED-${i}` }), 404);
    }
    const [row, ...others] = await beside(site, approved);
    assert.deepEqual([row?.count, others.length], [5, 0]);
    assert.equal(await site.inspect({ macs: [mac(1)], serial: 'OURS' }), approved.node, 'the real one is not hindered');
  });

  it('can be rejected, which lasts, and the real one stays its node', async () => {
    const { site, approved } = await letIn();
    const stranger = { macs: [mac(1)], serial: 'PLANTED' };
    assert.equal(await site.inspect(stranger), 404);
    const [row] = await beside(site, approved);
    assert.ok(row);
    await reject(row, { by: 'bob' }, site.given);
    site.time += 60_000;
    assert.equal(await site.inspect(stranger), 404);
    assert.equal((await beside(site, approved))[0]?.state, 'rejected');
    assert.equal(await site.inspect({ macs: [mac(1)], serial: 'OURS' }), approved.node);
    site.consistent();
  });

  it('can be approved as that node after a repair', async () => {
    const { site, approved } = await letIn();
    const repaired = { macs: [mac(1), mac(3)], serial: 'NEW-BOARD' };
    assert.equal(await site.inspect(repaired), 404);
    const [row] = await beside(site, approved);
    const node = await site.stores.nodes.get(String(approved.node));
    assert.ok(row && node);
    await approveAsNode(row, node, { by: 'ada' }, site.given);
    assert.equal(await site.inspect(repaired), node.uuid);
    site.consistent();
  });

  it('waits anew in its old row once its node is deleted', async () => {
    const { site, approved } = await letIn();
    const node = await site.stores.nodes.get(String(approved.node));
    assert.ok(node);
    await site.stores.nodes.remove(node);
    site.time += 60_000;
    assert.equal(await site.inspect({ macs: [mac(1)], serial: 'OURS' }), 404);
    const row = await site.only();
    assert.deepEqual([row.uuid, row.state, row.decision, row.node], [approved.uuid, 'held', null, null]);
  });
});
