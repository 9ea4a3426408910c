import { isInTrouble, nextOfNode, waitsFor } from '../next-of-node.ts';
import { type Column, card, table, time } from '../table.ts';
import { type Context, encoded, tell } from '../verb.ts';

const COLUMNS: readonly Column[] = [
  ['id', 'uuid'],
  ['name', 'name'],
  ['provision', 'provision_state'],
  ['power', 'power_state'],
  ['driver', 'driver'],
  ['maintenance', ({ maintenance }) => (maintenance === true ? 'yes' : '')],
  ['last error', 'last_error'],
];

export async function listNodes(context: Context, filter: Record<string, string>): Promise<void> {
  const fields = 'uuid,name,provision_state,power_state,driver,maintenance,last_error';
  const rows = await context.api.list(`/v1/nodes?${new URLSearchParams({ ...filter, fields })}`, 'nodes');
  tell(context, { nodes: rows }, () => table(rows, COLUMNS, 'There are no nodes.'));
  const troubled = rows.filter(isInTrouble).length;
  if (troubled > 0 && !context.json) {
    context.note(`${troubled} of ${rows.length} need a look. Next: \`npx nodeless node <name or id>\`.`);
  }
}

export async function showNode(context: Context, ident: string): Promise<void> {
  const node = await context.api.get(`/v1/nodes/${encoded(ident)}`);
  const now = node['provision_state'];
  const target = node['target_provision_state'];
  tell(context, node, () =>
    card([
      ['id', node['uuid']],
      ['name', node['name']],
      ['driver', node['driver']],
      ['provision', target ? `${now}, on its way to ${target}` : now],
      ['power', node['power_state']],
      ['since', time(node['provision_updated_at'])],
      ['waits for', waitsFor(node)],
      ['last error', node['last_error']],
      ['maintenance', node['maintenance'] === true ? `yes: ${node['maintenance_reason'] ?? ''}` : 'no'],
      ['owner', node['owner']],
      ['resource class', node['resource_class']],
      [
        'properties',
        Object.entries(node['properties'] ?? {}).map(([key, value]) => `${key}: ${JSON.stringify(value)}`),
      ],
    ]),
  );
  const next = nextOfNode(node);
  if (next !== undefined && !context.json) context.note(next);
}
