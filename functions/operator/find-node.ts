import { InvalidInput, NotFound } from '../../shared/errors.ts';
import type { Node } from '../../shared/node/node.ts';
import { isUuid } from '../../shared/resource/checks.ts';
import type { Services } from '../services.ts';

const NAMES_SINCE = 5;

const byIdent = (nodes: Services['nodes'], ident: string): Promise<Node | undefined> =>
  isUuid(ident) ? nodes.get(ident.toLowerCase()) : nodes.byName(ident);

/** A node by UUID or, from 1.5 on, by name. */
export async function findNode(nodes: Services['nodes'], ident: string, minor: number): Promise<Node> {
  const node = isUuid(ident) || minor >= NAMES_SINCE ? await byIdent(nodes, ident) : undefined;
  if (node === undefined) throw new NotFound(`Node ${ident} could not be found.`);
  return node;
}

/** For a body, where an unknown node is the caller's mistake: 400, not 404 (T14). */
export async function ownerNode(nodes: Services['nodes'], named: unknown): Promise<Node> {
  const node = await byIdent(nodes, String(named));
  if (node === undefined) throw new InvalidInput(`Node ${named} could not be found.`);
  return node;
}
