import type { JsonObject, JsonValue } from '../json.ts';
import { HOLDER } from '../lifecycle/transition.ts';
import { links, masked, view } from '../resource/view.ts';
import { NODE_FIELDS, NODE_LINKS } from './fields.ts';
import type { Node } from './node.ts';

/** A node as one flat document: its interfaces are fields like any other. `only` = the fields that are wanted. */
export function documentOf(node: Node, only?: readonly string[]): JsonObject {
  if (only) return Object.fromEntries(only.map((name) => [name, fieldValue(node, name)]));
  const { interfaces, run: _run, ...row } = node;
  return { ...row, ...interfaces, conductor: HOLDER };
}

/** One field of that document. */
export function fieldValue(node: Node, name: string): JsonValue {
  if (name === 'conductor') return HOLDER;
  return node.interfaces[name] ?? (Reflect.get(node, name) as JsonValue | undefined) ?? null;
}

/** Where in the row these fields of the document stand. */
export const partsOf = (fields: readonly string[]): (keyof Node)[] =>
  fields.map((name) => (name.endsWith('_interface') ? 'interfaces' : (name as keyof Node)));

/** What old clients understand of a state. */
function stateFor(state: string, minor: number): string | null {
  if (state === 'available' && minor < 2) return null;
  return state === 'inspect wait' && minor < 39 ? 'inspecting' : state;
}

/** Fields that may hold secrets, with what is hidden in them beside what a password is called. */
const HIDDEN: readonly (readonly [name: string, also: readonly string[]])[] = [
  ['driver_info', []],
  ['driver_internal_info', []],
  ['instance_info', ['configdrive', 'image_url']],
];

/** Where it can be read what a run waits for: clients print the object as it is. */
const WAITS_FOR = 'nodeless_waits_for';

/** A node for a client. `only` = the fields it asked for; without it also the link lists. */
export function showNode(node: Node, publicUrl: string, minor: number, only?: readonly string[]): JsonObject {
  const document = documentOf(node, only);
  const waits = node.run?.waiting?.for;
  if (waits !== undefined) document.driver_internal_info = { ...node.driver_internal_info, [WAITS_FOR]: waits };
  // Everything of the row that may be a secret is hidden here, for every answer (T12).
  for (const [name, also] of HIDDEN) {
    if (only === undefined || only.includes(name)) document[name] = masked(document[name] ?? {}, also);
  }
  document.provision_state = stateFor(node.provision_state, minor);
  if (node.target_provision_state !== null) {
    document.target_provision_state = stateFor(node.target_provision_state, minor);
  }
  const lists = NODE_LINKS.filter(({ name, since }) => since <= minor && (only === undefined || only.includes(name)));
  return {
    ...view(document, NODE_FIELDS, minor, only),
    ...Object.fromEntries(lists.map(({ name }) => [name, links(publicUrl, `nodes/${node.uuid}/${name}`)])),
    links: links(publicUrl, `nodes/${node.uuid}`),
  };
}
