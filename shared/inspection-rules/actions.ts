import { InvalidInput } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { NODE_FIELDS } from '../node/fields.ts';
import type { Node, Port } from '../node/node.ts';
import { PORT_FIELDS } from '../node/port-fields.ts';
import { booleanOf, isObject } from '../resource/checks.ts';
import { type Field, fieldNamed } from '../resource/field.ts';
import { traitOf, traitSet } from '../resource/trait.ts';
import { isSecretName } from '../resource/view.ts';
import { pathOf, valueAt } from './values.ts';

export interface Subject {
  node: Node;
  /** Of the node. */
  ports: readonly Port[];
  pluginData: JsonObject;
  log: string[];
}

/** What a rule may change. Not the driver or a state: those have rules of their own. */
const CHANGEABLE = [
  'extra',
  'properties',
  'driver_info',
  'name',
  'description',
  'resource_class',
  'owner',
  'lessee',
  'shard',
];

type Act = (subject: Subject, args: JsonObject) => Subject;

const set = (document: JsonObject, path: readonly string[], value: JsonValue): JsonObject => {
  const [key, ...rest] = path;
  if (key === undefined || key === '__proto__') throw new InvalidInput('a path must not be empty');
  const inner = document[key];
  return { ...document, [key]: rest.length === 0 ? value : set(isObject(inner) ? inner : {}, rest, value) };
};

const without = (document: JsonObject, path: readonly string[]): JsonObject => {
  const [key = '', ...rest] = path;
  const { [key]: inner, ...others } = document;
  if (inner === undefined) throw new InvalidInput(`${key} is not there`);
  return rest.length === 0 ? others : { ...others, [key]: without(isObject(inner) ? inner : {}, rest) };
};

function extended(before: JsonValue | undefined, { value = null, unique }: JsonObject): JsonValue {
  if (before !== undefined && before !== null && !Array.isArray(before)) throw new InvalidInput('not a list');
  const list = before ?? [];
  const known = list.some((one) => JSON.stringify(one) === JSON.stringify(value));
  return booleanOf(unique) && known ? list : [...list, value];
}

/** What of a port: not its address, node, group and name, which others lean on. */
const PORT_CHANGEABLE = [
  'extra',
  'local_link_connection',
  'pxe_enabled',
  'physical_network',
  'is_smartnic',
  'description',
  'vendor',
  'category',
  'available_for_dynamic_portgroup',
];

type Change = (row: JsonObject) => JsonObject;

/** The root field of a path after a change, checked as a PATCH of the field would be. */
function changed(
  row: object,
  [root = '']: readonly string[],
  known: readonly Field[],
  may: readonly string[],
  change: Change,
) {
  const field = fieldNamed(known, root);
  if (field === undefined || !may.includes(root)) throw new InvalidInput(`a rule can not change ${root}`);
  const after = change({ ...row } as JsonObject)[root];
  return { [root]: after === undefined ? (field.reset ?? null) : field.check(after, root) };
}

function onNode(subject: Subject, path: readonly string[], change: Change): Subject {
  if (path[0] === 'driver_info' && path.some(isSecretName)) throw new InvalidInput('a rule can not hold secrets');
  return { ...subject, node: { ...subject.node, ...changed(subject.node, path, NODE_FIELDS, CHANGEABLE, change) } };
}

/** A port of the node by its UUID, as Ironic has it, or by its MAC, which who writes a rule knows sooner. */
function onPort(
  subject: Subject,
  { port_id, path }: JsonObject,
  change: (row: JsonObject, path: string[]) => JsonObject,
) {
  const ident = String(port_id).toLowerCase();
  const port = subject.ports.find(({ uuid, address }) => uuid === ident || address === ident);
  if (port === undefined) throw new InvalidInput(`the node has no port ${ident}`);
  const keys = pathOf(path);
  const after = { ...port, ...changed(port, keys, PORT_FIELDS, PORT_CHANGEABLE, (row) => change(row, keys)) };
  return { ...subject, ports: subject.ports.map((one) => (one === port ? after : one)) };
}

function capabilities(subject: Subject, change: (known: Map<string, string>) => void): Subject {
  const text = subject.node.properties.capabilities;
  const pairs = typeof text === 'string' && text !== '' ? text.split(',').map((pair) => pair.split(':')) : [];
  const known = new Map(pairs.map(([name = '', ...value]) => [name, value.join(':')]));
  change(known);
  const joined = [...known].map(([name, value]) => `${name}:${value}`).join(',');
  return onNode(subject, ['properties', 'capabilities'], (row) => set(row, ['properties', 'capabilities'], joined));
}

const withTraits = (subject: Subject, traits: string[]): Subject => ({
  ...subject,
  node: { ...subject.node, traits: traitSet(traits, 'A node') },
});

export const ACTS: Readonly<Record<string, Act>> = {
  fail: (_, { msg }) => {
    throw new InvalidInput(String(msg));
  },
  log: (subject, { msg }) => ({ ...subject, log: [...subject.log, String(msg)] }),
  'set-attribute': (subject, { path, value = null }) =>
    onNode(subject, pathOf(path), (row) => set(row, pathOf(path), value)),
  'extend-attribute': (subject, args) => {
    const path = pathOf(args.path);
    return onNode(subject, path, (row) => set(row, path, extended(valueAt(row, path), args)));
  },
  'del-attribute': (subject, { path }) => onNode(subject, pathOf(path), (row) => without(row, pathOf(path))),
  'set-port-attribute': (subject, args) => onPort(subject, args, (row, path) => set(row, path, args.value ?? null)),
  'extend-port-attribute': (subject, args) =>
    onPort(subject, args, (row, path) => set(row, path, extended(valueAt(row, path), args))),
  'del-port-attribute': (subject, args) => onPort(subject, args, without),
  'set-capability': (subject, { name, value }) =>
    capabilities(subject, (known) => void known.set(String(name), String(value))),
  'unset-capability': (subject, { name }) => capabilities(subject, (known) => void known.delete(String(name))),
  'add-trait': (subject, { name }) => withTraits(subject, [...subject.node.traits, traitOf(name)]),
  'remove-trait': (subject, { name }) =>
    withTraits(
      subject,
      subject.node.traits.filter((one) => one !== name),
    ),
  'set-plugin-data': (subject, { path, value = null }) => ({
    ...subject,
    pluginData: set(subject.pluginData, pathOf(path), value),
  }),
  'extend-plugin-data': (subject, args) => {
    const path = pathOf(args.path);
    const value = extended(valueAt(subject.pluginData, path), args);
    return { ...subject, pluginData: set(subject.pluginData, path, value) };
  },
  'unset-plugin-data': (subject, { path }) => ({
    ...subject,
    pluginData: without(subject.pluginData, pathOf(path)),
  }),
};
