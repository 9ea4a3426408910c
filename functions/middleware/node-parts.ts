/** Since when a node has a part. Before, its path is unknown to every method, also to those that it never gets. */
export const NODE_PARTS: ReadonlyMap<string, number> = new Map([
  ['portgroups', 24],
  ['vifs', 28],
  ['bios', 40],
  ['allocation', 52],
  ['history', 78],
  ['inventory', 81],
  ['firmware', 86],
  ['vmedia', 89],
]);

/** `path` as the router found it: `/v1/nodes/x/vmedia`. */
export function isOfLaterVersion(path: string, minor: number): boolean {
  const [, , nodes, , part = ''] = path.split('/');
  return nodes === 'nodes' && minor < (NODE_PARTS.get(part) ?? 0);
}
