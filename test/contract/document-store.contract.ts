import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DocumentStore } from '../../shared/documents.ts';

export function documentStoreContract(adapter: string, open: () => Promise<DocumentStore>): void {
  test(`${adapter}: a document is what was put last, and undefined before`, async () => {
    const documents = await open();
    assert.equal(await documents.get('inventory/a.json'), undefined);
    await documents.put('inventory/a.json', Buffer.from('{}'), 'application/json');
    await documents.put('inventory/a.json', Buffer.from([0, 255]), 'application/octet-stream');
    assert.deepEqual([...((await documents.get('inventory/a.json')) ?? [])], [0, 255]);
  });
}
