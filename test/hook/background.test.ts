import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defaultInterfaces } from '../../shared/drivers/registry.ts';
import type { JsonValue } from '../../shared/json.ts';
import { newNode } from '../../shared/node/new-node.ts';
import type { NewEvent } from '../../shared/node/node.ts';
import { LOST_AFTER_MS, type VendorTask } from '../../shared/vendor/background.ts';
import { callVendorMethod, type VendorTools } from '../../shared/vendor/call-vendor-method.ts';
import { carryOut } from '../../shared/vendor/carry-out.ts';
import { vendorMethod } from '../../shared/vendor/vendor-method.ts';
import { documentResults, outcomeAt } from '../../shared/vendor/vendor-results.ts';

const CALL = '0b7b2f0a-5a35-4f5c-9c57-0c1f5b1f4a11';
const NODE = newNode({
  uuid: '6f1c2b7e-93a4-4a1d-8a54-0c6f2f0d9e11',
  driver: 'fake-hardware',
  created_at: '2026-11-23T00:00:00.000000+00:00',
  interfaces: defaultInterfaces('fake-hardware'),
});

function site(run: () => Promise<JsonValue>, begin?: (task: VendorTask) => Promise<void>) {
  const kept = new Map<string, Uint8Array>();
  const results = documentResults({
    put: async (key, bytes) => void kept.set(key, bytes),
    get: async (key) => kept.get(key),
  });
  const begun: VendorTask[] = [];
  const events: NewEvent[] = [];
  const clock = { at: Date.parse('2026-01-01T00:00:00Z'), now: () => clock.at };
  const table = [
    vendorMethod({
      name: 'slow',
      vendor: '*',
      audience: 'operator',
      subject: 'node',
      verbs: ['POST'],
      description: '',
      arguments: z.strictObject({ n: z.int() }),
      run,
    }),
  ];
  const tools: VendorTools = {
    nodes: {
      get: async () => NODE,
      replace: async (node, told = []) => {
        events.push(...told);
        return node;
      },
    },
    clock,
    ids: { uuid: () => CALL },
    limits: { take: () => undefined },
    results,
    background: { begin: begin ?? (async (task) => void begun.push(task)) },
  };
  const request = { method: 'slow', httpMethod: 'POST', body: { n: 1 }, user: 'ada' };
  const call = () => callVendorMethod(table, request, { kind: 'node', node: NODE }, tools);
  return { call, begun, tools, table, clock, results, events };
}

describe('an async vendor call', () => {
  it('is accepted before its work begins, and carried out elsewhere, once', async () => {
    let done = 0;
    const { call, begun, tools, table, results } = site(async () => ++done);
    assert.equal((await call()).kind, 'accepted');
    assert.deepEqual([done, (await results.get(CALL))?.state], [0, 'running']);
    const [task] = begun;
    assert.ok(task);
    // As a queue would hand it on, and hand it on again.
    const delivered = JSON.parse(JSON.stringify(task)) as VendorTask;
    await carryOut(delivered, table, tools);
    await carryOut(delivered, table, tools);
    const outcome = await results.get(CALL);
    assert.deepEqual([done, outcome?.state, outcome?.result], [1, 'done', 1]);
  });

  it('ends in the history under the name of who called it, wherever it is carried out', async () => {
    const elsewhere = site(async () => 1);
    await elsewhere.call();
    for (const task of elsewhere.begun) await carryOut(task, elsewhere.table, elsewhere.tools);
    const here = site(async () => 1);
    here.tools.background = undefined;
    const called = await here.call();
    if (called.kind === 'accepted') await called.ended;
    for (const { events } of [elsewhere, here]) {
      assert.deepEqual(
        events.map(({ event, user }) => [event, user]),
        [['Vendor method slow ended', 'ada']],
      );
    }
  });

  it('that could not be begun says so at once, and its result too', async () => {
    const { call, results } = site(
      async () => null,
      () => Promise.reject(new Error('no such function')),
    );
    await assert.rejects(call());
    assert.equal((await results.get(CALL))?.state, 'failed');
  });

  it('whose method hangs or whose row is gone ends as failed, and takes nobody down', async () => {
    const hangs = site(() => new Promise(() => undefined));
    await hangs.call();
    for (const task of hangs.begun) await carryOut(task, hangs.table, { ...hangs.tools, limitMs: 20 });
    assert.match(String((await hangs.results.get(CALL))?.error), /did not end within/);
    const gone = site(async () => null);
    await gone.call();
    for (const task of gone.begun) await carryOut(task, [], gone.tools);
    assert.equal((await gone.results.get(CALL))?.error, 'No handler for method slow');
  });

  it('whose process died counts as failed after a time, and not before', async () => {
    const { call, results, clock } = site(async () => null);
    await call();
    const kept = await results.get(CALL);
    assert.ok(kept);
    assert.equal(outcomeAt(kept, clock.at + LOST_AFTER_MS - 1).state, 'running');
    assert.equal(outcomeAt(kept, clock.at + LOST_AFTER_MS).state, 'failed');
  });
});
