import { type Claim, claimsOf, macSet } from '../../node/claims.ts';
import { newNode, newPort } from '../../node/new-node.ts';
import type { Node, NodeEvent, Port } from '../../node/node.ts';
import { eventKey, resourceKey } from './keys.ts';
import { shapeOf } from './shapes.ts';

export type Item = Record<string, unknown>;

const freshNode = (): Item => ({ ...newNode({ uuid: '', driver: '', created_at: '', interfaces: {} }) });
const NODE_DEFAULTS = freshNode();
const PORT_DEFAULTS: Item = { ...newPort({ uuid: '', address: '', node_uuid: '', created_at: '' }) };
const ALWAYS = new Set(['version', 'schema']);

/** Defaults are not stored: a fresh node is a fifth of its size. To change a default is to change the schema. */
function withoutDefaults(resource: object, defaults: Item): Item {
  const kept = Object.entries(resource).filter(
    ([field, value]) => ALWAYS.has(field) || JSON.stringify(value) !== JSON.stringify(defaults[field]),
  );
  return Object.fromEntries(kept);
}

/** Attributes of a node item by which a write recognises the claims that the stored row holds. */
export function heldAttributes(node: Pick<Node, 'name' | 'instance_uuid' | 'properties'>) {
  const claims = claimsOf(node);
  const value = (kind: string) => claims.find((claim) => claim.kind === kind)?.value;
  const others = claims.filter(({ kind, soft }) => soft && kind !== 'serial').map(({ kind, value }) => [kind, value]);
  return {
    name: value('name'),
    instance_uuid: value('instance_uuid'),
    serial: value('serial'),
    /** The soft claims that no index needs. */
    marks: others.length > 0 ? JSON.stringify(others) : undefined,
  };
}

/** The claims behind these attributes. */
export function heldClaims({ name, instance_uuid, serial, marks }: ReturnType<typeof heldAttributes>): Claim[] {
  const others: [Claim['kind'], string][] = marks === undefined ? [] : JSON.parse(marks);
  const hard = { name, instance_uuid } as const;
  return [
    ...(['name', 'instance_uuid'] as const).flatMap((kind) => {
      const value = hard[kind];
      return value === undefined ? [] : [{ kind, value, soft: false }];
    }),
    ...(serial === undefined ? [] : [{ kind: 'serial' as const, value: serial, soft: true }]),
    ...others.map(([kind, value]) => ({ kind, value, soft: true })),
  ];
}

/** `written` names the write, so that one whose reply was lost can be recognised. */
export function nodeItem(node: Node, written: string): Item {
  const { uuid, macs, ...rest } = node;
  const { serial, marks } = heldAttributes(node);
  return {
    ...withoutDefaults(rest, NODE_DEFAULTS),
    schema: shapeOf('node'),
    ...resourceKey('node', uuid),
    ...(macs.length > 0 && { macs: new Set(macs) }),
    ...(serial && { serial }),
    ...(marks && { marks }),
    written,
  };
}

export function nodeOf(item: Item): Node {
  // `system` is of older rows.
  const { pk, sk, serial, marks, system, written, macs, ...fields } = item;
  const node = {
    ...freshNode(),
    ...fields,
    uuid: sk,
    macs: macSet((macs ?? []) as Iterable<string>),
  };
  return node as unknown as Node;
}

export function portItem(port: Port): Item {
  const { uuid, ...rest } = port;
  return { ...withoutDefaults(rest, PORT_DEFAULTS), schema: shapeOf('port'), ...resourceKey('port', uuid) };
}

export function portOf(item: Item): Port {
  const { pk, sk, ...fields } = item;
  return { ...structuredClone(PORT_DEFAULTS), ...fields, uuid: sk } as unknown as Port;
}

export function eventItem(nodeUuid: string, version: number, place: number, event: NodeEvent): Item {
  const { uuid, ...rest } = event;
  return { ...rest, schema: shapeOf('event'), ...eventKey(nodeUuid, version, place, uuid) };
}

export function eventOf(item: Item): NodeEvent {
  const { pk, sk, schema, ...fields } = item;
  return { ...fields, uuid: String(sk).split('#')[2] } as unknown as NodeEvent;
}
