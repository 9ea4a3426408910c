import { createHash } from 'node:crypto';
import type { DocumentStore } from '../documents.ts';
import type { JsonObject } from '../json.ts';
import type { Node } from '../node/node.ts';
import { configdrivePrefix, documentReference, referredDocument } from '../run/fill.ts';
import { buildConfigDrive, checkedLength } from './config-drive.ts';

/**
 * What stands in `instance_info.configdrive`: a URL as it is, everything else as a reference to a document. A drive may
 * be large and hold passwords, so neither the row nor the history of an execution sees it.
 * Throws `PayloadTooLarge`, `Unavailable`.
 */
export async function keepConfigDrive(
  given: string | JsonObject,
  node: Pick<Node, 'uuid' | 'name'>,
  { documents, madeAt }: { documents: DocumentStore; madeAt: Date },
): Promise<string> {
  if (typeof given === 'string' && given.includes('://')) return given;
  const drive = typeof given === 'string' ? checkedLength(given) : buildConfigDrive(given, node, madeAt);
  const digest = createHash('sha256').update(drive).digest('hex').slice(0, 32);
  const key = `${configdrivePrefix(node.uuid)}/${digest}`;
  await documents.put(key, Buffer.from(drive), 'text/plain');
  return documentReference(key);
}

/** An instance that is gone leaves no secrets behind. */
export async function forgetConfigDrive(node: Node, documents: DocumentStore): Promise<void> {
  const key = referredDocument(node.instance_info['configdrive']);
  if (key?.startsWith(`${configdrivePrefix(node.uuid)}/`)) await documents.put(key, new Uint8Array(), 'text/plain');
}
