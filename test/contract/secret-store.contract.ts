import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aNode, type OpenStores } from './stores.ts';

export function secretStoreContract(adapter: string, open: OpenStores): void {
  test(`${adapter}: secrets are what was put last, and nothing after they are removed`, async () => {
    const { secrets } = await open();
    const { uuid } = aNode();
    assert.deepEqual(await secrets.get(uuid), {});
    await secrets.put(uuid, { redfish_password: 'x', nested: { key: ['y'] } });
    await secrets.put(uuid, { redfish_password: 'z' });
    assert.deepEqual(await secrets.get(uuid), { redfish_password: 'z' });
    await secrets.remove(uuid);
    await secrets.remove(uuid);
    assert.deepEqual(await secrets.get(uuid), {});
  });
}
