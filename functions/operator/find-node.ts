import { NotFound } from '../../shared/errors.ts';
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
