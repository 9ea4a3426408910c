import { InvalidInput, NotFound } from '../../shared/errors.ts';
import type { Node } from '../../shared/node/node.ts';
import { isUuid } from '../../shared/resource/checks.ts';
import type { Services } from '../services.ts';

/** A node by UUID or, from 1.5 on, by name. */
export async function findNode(nodes: Services['nodes'], ident: string, minor: number): Promise<Node> {
  const node = isUuid(ident)
    ? await nodes.get(ident.toLowerCase())
    : minor >= 5
      ? await nodes.byName(ident)
      : undefined;
  if (node === undefined) throw new NotFound(`Node ${ident} could not be found.`);
  return node;
}

/** For a body, where an unknown node is the caller's mistake: 400, not 404 (T14). */
export async function ownerNode(nodes: Services['nodes'], named: unknown): Promise<Node> {
  const ident = String(named);
  const node = isUuid(ident) ? await nodes.get(ident.toLowerCase()) : await nodes.byName(ident);
  if (node === undefined) throw new InvalidInput(`Node ${ident} could not be found.`);
  return node;
}
