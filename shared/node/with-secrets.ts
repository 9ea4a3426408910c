import { splitSecrets } from './driver-secrets.ts';
import type { Node } from './node.ts';
import type { SecretStore } from './node-store.ts';

/** Secrets first: a row never promises a secret that is not there. What was dropped goes after the row forgot it. */
export async function withSecrets(
  secrets: SecretStore,
  node: Node,
  before: Node | undefined,
  write: (row: Node) => Promise<Node>,
): Promise<Node> {
  const knownKeys = before?.secret_keys ?? [];
  const split = splitSecrets(node.driver_info, knownKeys);
  const dropped = knownKeys.filter((key) => !split.secret_keys.includes(key));
  const changes = Object.keys(split.fresh).length > 0 || dropped.length > 0;
  const earlier = changes ? await secrets.get(node.uuid) : {};
  const known = knownKeys.length > 0 ? earlier : {};
  const next = { ...known, ...split.fresh };
  if (Object.keys(split.fresh).length > 0) await secrets.put(node.uuid, next);
  const row = { ...node, driver_info: split.driver_info, secret_keys: split.secret_keys };
  const stored = await write(row).catch(async (error: unknown) => {
    // A refused write changes nothing: not the secrets of the node that has the name or the uuid already, either.
    if (changes) await secrets.put(node.uuid, earlier);
    throw error;
  });
  if (dropped.length > 0) {
    const left = Object.entries(next).filter(([key]) => split.secret_keys.includes(key));
    await secrets.put(node.uuid, Object.fromEntries(left));
  }
  return stored;
}
