import type { DocumentStore } from '../documents.ts';
import type { JsonObject } from '../json.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import { documentOf, type Submission, uniqueOf } from './submission.ts';

/** An inventory has a tenth of it. Strangers are many, and what they post stays for weeks. */
const MOST_BYTES = 1024 * 1024;

/** What a held machine posted, as long as the bucket keeps it. Once a change of the row: a repeated post is no news. */
export async function keepInventory(
  row: Submission | undefined,
  body: JsonObject,
  given: { documents: Pick<DocumentStore, 'put'>; resources: Pick<ResourceStore, 'replace'> },
): Promise<void> {
  if (row === undefined || row.has_inventory) return;
  const { logs: _logs, inventory, ...pluginData } = body;
  const json = new TextEncoder().encode(JSON.stringify({ inventory: inventory ?? null, plugin_data: pluginData }));
  if (json.length > MOST_BYTES) return;
  await given.documents.put(documentOf(row.uuid), json, 'application/json');
  const keys = row.keys.map(uniqueOf);
  const kept: Submission = { ...row, has_inventory: true };
  // Somebody else may write the row now; the next inspection says so again.
  await given.resources.replace('submission', kept, { before: keys, after: keys }).catch(() => undefined);
}
