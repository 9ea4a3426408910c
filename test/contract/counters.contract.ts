import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { OpenStores } from './stores.ts';

export function countersContract(adapter: string, open: OpenStores): void {
  test(`${adapter}: of many that want a place at the same instant as many get one as there are`, async () => {
    const { counters } = await open();
    const name = randomUUID();
    const got = await Promise.all(Array.from({ length: 12 }, (_, i) => counters.hold(name, `h${i}`, 3, 1000)));
    assert.equal(got.filter(Boolean).length, 3);
    assert.equal((await counters.holders(name)).length, 3);
  });

  test(`${adapter}: a place is held on by its holder, who need not pay twice`, async () => {
    const { counters } = await open();
    const name = randomUUID();
    assert.deepEqual(await counters.holders(name), []);
    assert.equal(await counters.hold(name, 'ada', 1, 1000), true);
    assert.equal(await counters.hold(name, 'ada', 1, 2000), true);
    assert.equal(await counters.hold(name, 'bob', 1, 2000), false);
    assert.deepEqual(await counters.holders(name), [{ holder: 'ada', heldAt: 2000 }]);
  });

  test(`${adapter}: a place is given up once, and not when it was taken anew since`, async () => {
    const { counters } = await open();
    const name = randomUUID();
    await counters.hold(name, 'ada', 1, 1000);
    await counters.letGo(name, 'ada', 999);
    assert.equal((await counters.holders(name)).length, 1);
    await counters.letGo(name, 'ada', 1000);
    await counters.letGo(name, 'ada');
    await counters.letGo(name, 'nobody');
    assert.deepEqual(await counters.holders(name), []);
    assert.equal(await counters.hold(name, 'bob', 1, 1000), true);
    assert.equal(await counters.hold(name, 'eve', 1, 1000), false);
  });
}
