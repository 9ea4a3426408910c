import { type DocumentStore, documentKey } from '../documents.ts';
import type { JsonObject } from '../json.ts';

type Documents = Pick<DocumentStore, 'put'>;

/** `logs` dominates the size; the row only says where things are. */
export async function keepDocuments(uuid: string, body: JsonObject, documents: Documents): Promise<void> {
  const { logs: _logs, inventory, ...pluginData } = body;
  const json = new TextEncoder().encode(JSON.stringify({ inventory, plugin_data: pluginData }));
  await documents.put(documentKey('inventory', `${uuid}.json`), json, 'application/json');
  await keepLogs(uuid, body, documents);
}

/** Returns the key of the document, where a ramdisk sent logs. */
export async function keepLogs(uuid: string, { logs }: JsonObject, documents: Documents): Promise<string | undefined> {
  if (typeof logs !== 'string' || logs === '') return undefined;
  const key = documentKey('logs', `${uuid}/inspection.tar.gz`);
  await documents.put(key, Buffer.from(logs, 'base64'), 'application/gzip');
  return key;
}
