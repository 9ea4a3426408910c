import { checkInterfaces } from '../drivers/registry.ts';
import { InvalidInput } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { isObject } from '../resource/checks.ts';
import { applyPatch, type Operation } from '../resource/patch.ts';
import { NODE_FIELDS } from './fields.ts';
import { newNode } from './new-node.ts';
import type { Node } from './node.ts';
import { documentOf } from './node-document.ts';
import { guardChange, guardInterfaces } from './node-guards.ts';

const isInterface = (name: string): boolean => name.endsWith('_interface');
const rowOf = (document: JsonObject): Partial<Node> =>
  Object.fromEntries(Object.entries(document).filter(([name]) => !isInterface(name)));

/** Interfaces that were named; null and absent mean the driver's default. */
function namedInterfaces(document: JsonObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(document).filter(
      (entry): entry is [string, string] => isInterface(entry[0]) && typeof entry[1] === 'string',
    ),
  );
}

function displayName(info: JsonValue | undefined): string | null {
  const name = isObject(info) ? info.display_name : undefined;
  return typeof name === 'string' && name !== '' ? name : null;
}

/** A row from a checked POST (operator-api.md §2.3). */
export function nodeFrom(given: JsonObject, fixed: { uuid: string; at: string; minor: number }): Node {
  const { driver } = given;
  if (typeof driver !== 'string') throw new InvalidInput('Node: driver is mandatory');
  const node = newNode({
    ...rowOf(given),
    uuid: typeof given.uuid === 'string' ? given.uuid : fixed.uuid,
    driver,
    created_at: fixed.at,
    interfaces: checkInterfaces(driver, namedInterfaces(given)),
    // Clients of that time know no other start (T33).
    provision_state: fixed.minor < 11 ? 'available' : 'enroll',
    // An empty class is none.
    resource_class:
      typeof given.resource_class === 'string' && given.resource_class !== '' ? given.resource_class : null,
  });
  guardChange({ ...node, retired: false, retired_reason: null }, node);
  return { ...node, instance_name: node.instance_name ?? displayName(node.instance_info) };
}

/** The row after a PATCH. All rules of the result are checked here; locks and states before. */
export function changedNode(
  node: Node,
  operations: readonly Operation[],
  given: { at: string; resetInterfaces: boolean },
): Node {
  const touched = operations.map(({ path }) => path[0]);
  refuseEmptyName(operations);
  guardInterfaces(node, touched);
  const document = applyPatch(patchable(node), operations, NODE_FIELDS);
  const driver = String(document.driver);
  const kept = given.resetInterfaces
    ? Object.fromEntries(Object.entries(document).filter(([name]) => !isInterface(name) || touched.includes(name)))
    : document;
  const needed = driver !== node.driver || touched.some(isInterface);
  const after: Node = {
    ...node,
    ...rowOf(document),
    interfaces: needed ? checkInterfaces(driver, namedInterfaces(kept)) : node.interfaces,
    updated_at: given.at,
  };
  if (touched.includes('maintenance') && !after.maintenance)
    Object.assign(after, { maintenance_reason: null, fault: null });
  // A reason does not outlive what it explains, unless the patch itself says it, which is refused below.
  if (!after.protected && !touched.includes('protected_reason')) after.protected_reason = null;
  if (!after.retired && !touched.includes('retired_reason')) after.retired_reason = null;
  after.instance_name ??= touched.includes('instance_info') ? displayName(after.instance_info) : null;
  guardChange(node, after);
  return after;
}

function patchable(node: Node): JsonObject {
  const document = documentOf(node);
  return Object.fromEntries(NODE_FIELDS.filter(({ patch }) => patch).map(({ name }) => [name, document[name] ?? null]));
}

function refuseEmptyName(operations: readonly Operation[]): void {
  const empty = operations.some(({ op, path, value }) => path[0] === 'name' && op !== 'remove' && !value);
  if (empty) throw new InvalidInput('The name of a node cannot be empty; remove it instead');
}
