import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { MemoryCounters } from '../../shared/adapters/memory/counters.ts';
import { MemoryTables } from '../../shared/adapters/memory/tables.ts';
import { defaultInterfaces } from '../../shared/drivers/registry.ts';
import { Conflict, InvalidInput, Unavailable, VersionConflict } from '../../shared/errors.ts';
import type { JsonValue } from '../../shared/json.ts';
import { newNode } from '../../shared/node/new-node.ts';
import type { NewEvent, Node } from '../../shared/node/node.ts';
import { callVendorMethod, type VendorTools } from '../../shared/vendor/call-vendor-method.ts';
import { bodyOf, calledRow, checkedArguments } from '../../shared/vendor/check-call.ts';
import { storedLimits } from '../../shared/vendor/stored-limits.ts';
import { type VendorMethod, vendorMethod } from '../../shared/vendor/vendor-method.ts';
import { VendorMethodFailed } from '../../shared/vendor/vendor-method-failed.ts';
import { documentResults } from '../../shared/vendor/vendor-results.ts';
import { methodsOf, rowsOf, VENDOR_TABLE } from '../../shared/vendor/vendor-table.ts';

const CALL = '0b7b2f0a-5a35-4f5c-9c57-0c1f5b1f4a11';
const NODE = newNode({
  uuid: '6f1c2b7e-93a4-4a1d-8a54-0c6f2f0d9e11',
  driver: 'fake-hardware',
  created_at: '2026-11-23T00:00:00.000000+00:00',
  interfaces: defaultInterfaces('fake-hardware'),
});
const ROWS = rowsOf({ subject: 'node', vendor: 'fake', audience: 'operator' });

/** Tools over maps. `conflicts` writes are lost to somebody else. */
function tools(conflicts = 0, counters = new MemoryCounters(new MemoryTables())) {
  const events: NewEvent[] = [];
  const kept = new Map<string, Uint8Array>();
  const clock = { at: 1_020_000, now: () => clock.at };
  let lost = 0;
  const given: VendorTools = {
    clock,
    ids: { uuid: () => CALL },
    limits: storedLimits(counters, clock),
    limitMs: 30,
    results: documentResults({
      put: async (key, bytes) => void kept.set(key, bytes),
      get: async (key) => kept.get(key),
    }),
    nodes: {
      get: async () => NODE,
      replace: async (node: Node, added: readonly NewEvent[] = []) => {
        if (lost++ < conflicts) throw new VersionConflict('lost');
        events.push(...added);
        return node;
      },
    },
  };
  return { ...given, events, kept, clock };
}

function row(run: () => Promise<JsonValue>, differs: { async?: boolean; perMinute?: number } = {}): VendorMethod {
  return vendorMethod({
    name: 'probe',
    vendor: '*',
    audience: 'operator',
    subject: 'node',
    verbs: ['POST'],
    async: false,
    description: '',
    arguments: z.strictObject({}),
    run,
    ...differs,
  });
}

const request = (method: string | undefined, body?: unknown, httpMethod = 'POST') => ({ method, httpMethod, body });
const subject = { kind: 'node', node: NODE } as const;
const says = (pattern: RegExp) => (error: Error) => error instanceof InvalidInput && pattern.test(error.message);

describe('the checks of a call', () => {
  test('ask for a method, know it, and its verb, in this order and always with a 400', () => {
    assert.throws(() => calledRow(ROWS, undefined, 'BREW'), says(/^Method not specified$/));
    assert.throws(() => calledRow(ROWS, '', 'POST'), says(/^Method not specified$/));
    assert.throws(() => calledRow(ROWS, 'nope', 'BREW'), says(/^No handler for method nope$/));
    assert.throws(() => calledRow(ROWS, 'constructor', 'POST'), says(/^No handler/));
    assert.throws(
      () => calledRow(ROWS, 'second_method', 'put'),
      says(/^The method second_method does not support HTTP PUT$/),
    );
    assert.equal(calledRow(ROWS, 'second_method', 'post').name, 'second_method');
  });

  test('take no body for an empty one, and nothing but an object', () => {
    assert.deepEqual(bodyOf('m', undefined), {});
    assert.deepEqual(bodyOf('m', null), {});
    for (const body of [[], 'text', 5, true]) assert.throws(() => bodyOf('m', body), says(/must be a JSON object/));
  });

  test('refuse the names that would collide', () => {
    for (const name of ['method', 'http_method', 'task']) {
      assert.throws(() => bodyOf('m', { [name]: 1 }), says(new RegExp(`'${name}'.*reserved`)));
    }
  });

  test('want bar, and say so as Ironic does', () => {
    const second = calledRow(ROWS, 'second_method', 'POST');
    for (const body of [{}, { bar: '' }, { bar: null }, { bar: [] }]) {
      assert.throws(
        () => checkedArguments(second, body),
        says(/^Parameter 'bar' not passed to method 'second_method'\.$/),
      );
    }
    assert.throws(() => checkedArguments(second, { bar: 'x', baz: 1 }), says(/Unexpected arguments baz/));
  });

  test('refuse a row that wants the node for itself while somebody holds it, and let the others pass', async () => {
    const node = { ...NODE, reservation: 'run' };
    const call = (method: string) =>
      callVendorMethod(ROWS, request(method, { bar: 'x' }), { kind: 'node', node }, tools());
    await assert.rejects(call('third_method_sync'), Conflict);
    assert.equal((await call('fourth_method_shared_lock')).kind, 'accepted');
  });
});

describe('a call', () => {
  test('of a sync method answers with its value', async () => {
    const meow = await callVendorMethod(ROWS, request('third_method_sync', { bar: 'meow' }), subject, tools());
    assert.deepEqual(meow, { kind: 'value', value: true, attach: false });
    const woof = await callVendorMethod(ROWS, request('third_method_sync', { bar: 'woof' }), subject, tools());
    assert.deepEqual(woof, { kind: 'value', value: false, attach: false });
  });

  test('that throws ends as a failure that tells nothing of its inside', async () => {
    const broken = row(async () => {
      throw new Error('password is swordfish');
    });
    await assert.rejects(callVendorMethod([broken], request('probe'), subject, tools()), (error: Error) => {
      assert.ok(error instanceof VendorMethodFailed);
      assert.equal(error.status, 500);
      assert.doesNotMatch(error.message, /swordfish/);
      return true;
    });
  });

  test('that throws before it returns a promise ends the same way', async () => {
    const broken = row(() => {
      throw new TypeError('at once');
    });
    await assert.rejects(callVendorMethod([broken], request('probe'), subject, tools()), VendorMethodFailed);
  });

  test('that refuses keeps its own words', async () => {
    const picky = row(async () => {
      throw new InvalidInput('not on Sundays');
    });
    await assert.rejects(callVendorMethod([picky], request('probe'), subject, tools()), says(/Sundays/));
  });

  test('that hangs is given up in time', async () => {
    const hanging = row(() => new Promise(() => undefined));
    await assert.rejects(callVendorMethod([hanging], request('probe'), subject, tools()), Unavailable);
  });

  test('is refused above its rate until the minute is over', async () => {
    const given = tools();
    const rare = row(async () => null, { perMinute: 1 });
    const call = () => callVendorMethod([rare], request('probe'), subject, given);
    await call();
    await assert.rejects(call(), (error: Error) => error instanceof Unavailable && error.retryAfterSeconds === 60);
    given.clock.at += 60_000;
    assert.equal((await call()).kind, 'value');
  });

  test('counts towards its rate whichever process takes it', async () => {
    const shared = new MemoryCounters(new MemoryTables());
    const rare = row(async () => null, { perMinute: 1 });
    await callVendorMethod([rare], request('probe'), subject, tools(0, shared));
    await assert.rejects(callVendorMethod([rare], request('probe'), subject, tools(0, shared)), Unavailable);
  });
});

describe('an asynchronous call', () => {
  test('is accepted before it ends, and its outcome is kept and told to the node', async () => {
    const given = tools(2);
    let finish: (value: JsonValue) => void = () => undefined;
    const slow = row(() => new Promise((resolve) => (finish = resolve)), { async: true });
    const called = await callVendorMethod([slow], request('probe'), subject, given);
    assert.ok(called.kind === 'accepted');
    assert.equal((await given.results.get(CALL))?.state, 'running');
    setImmediate(() => finish({ fine: true }));
    await called.ended;
    const outcome = await given.results.get(CALL);
    assert.equal(outcome?.state, 'done');
    assert.deepEqual(outcome?.result, { fine: true });
    assert.deepEqual(
      given.events.map(({ event_type, severity }) => [event_type, severity]),
      [['vendor', 'INFO']],
    );
  });

  test('that throws or hangs is kept as failed and rejects nowhere', async () => {
    const runs = [
      async () => {
        throw new Error('swordfish');
      },
      () => new Promise<JsonValue>(() => undefined),
    ];
    for (const run of runs) {
      const given = tools();
      const called = await callVendorMethod([row(run, { async: true })], request('probe'), subject, given);
      assert.ok(called.kind === 'accepted');
      await called.ended;
      const outcome = await given.results.get(CALL);
      assert.equal(outcome?.state, 'failed');
      assert.match(outcome?.error ?? '', /^Vendor method probe (failed|did not end within 0.03 seconds)\.$/);
      assert.equal(given.events[0]?.severity, 'ERROR');
    }
  });

  test('does not start when its outcome could not be kept', async () => {
    let ran = false;
    const given = tools();
    given.results.put = async () => {
      throw new Unavailable('no bucket');
    };
    const eager = row(
      async () => {
        ran = true;
        return null;
      },
      { async: true },
    );
    await assert.rejects(callVendorMethod([eager], request('probe'), subject, given), Unavailable);
    assert.equal(ran, false);
  });

  test('has no result under a name that is not a call id', async () => {
    const given = tools();
    given.kept.set('vendor-calls/../secret.json', new TextEncoder().encode('{}'));
    assert.equal(await given.results.get('../secret'), undefined);
  });
});

describe('the listing', () => {
  test('of a fake node is real Ironic 39’s, and set_boot_device', () => {
    const listing = methodsOf({ subject: 'node', vendor: 'fake', audience: 'operator' });
    assert.deepEqual(Object.keys(listing).sort(), [
      'fourth_method_shared_lock',
      'log_passthrough',
      'second_method',
      'set_boot_device',
      'third_method_sync',
    ]);
    assert.deepEqual(listing.third_method_sync, {
      http_methods: ['POST'],
      async: false,
      description: 'Test if the value of bar is meow',
      attach: false,
      require_exclusive_lock: true,
    });
  });

  test('names the lock at the node only', () => {
    const listing = methodsOf({ subject: 'driver', vendor: 'fake', audience: 'operator' });
    assert.deepEqual(Object.keys(listing), ['capabilities']);
    assert.ok(!JSON.stringify(listing).includes('require_exclusive_lock'));
  });

  test('of no-vendor is empty', () => {
    assert.deepEqual(methodsOf({ subject: 'node', vendor: 'no-vendor', audience: 'operator' }), {});
    assert.deepEqual(methodsOf({ subject: 'driver', vendor: 'no-vendor', audience: 'operator' }), {});
  });

  test('of one audience never shows a row of the other', () => {
    for (const audience of ['operator', 'agent'] as const) {
      const shown = Object.keys(methodsOf({ subject: 'node', vendor: 'fake', audience }));
      const others = VENDOR_TABLE.filter((one) => one.audience !== audience).map(({ name }) => name);
      assert.deepEqual(
        shown.filter((name) => others.includes(name)),
        [],
      );
    }
  });

  test('has no row with a reserved name, and no two rows that one call could mean', () => {
    const keys = VENDOR_TABLE.map((one) => `${one.audience} ${one.subject} ${one.name} ${one.vendor}`);
    assert.equal(new Set(keys).size, keys.length);
    assert.ok(!VENDOR_TABLE.some(({ name }) => ['methods', 'result', 'lookup', 'heartbeat'].includes(name)));
  });
});
