import { InvalidInput } from '../errors.ts';
import { NODE_FIELDS } from '../node/fields.ts';
import type { JsonObject, JsonValue, Node } from '../node/node.ts';
import { booleanOf, isObject } from '../resource/checks.ts';
import { fieldNamed } from '../resource/field.ts';
import { traitOf, traitSet } from '../resource/trait.ts';
import { isSecretName } from '../resource/view.ts';
import { pathOf, valueAt } from './values.ts';

export interface Subject {
  node: Node;
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

/** A change of the node, checked as a PATCH of the field would be. */
function onNode(subject: Subject, path: readonly string[], change: (row: JsonObject) => JsonObject): Subject {
  const [root = ''] = path;
  const field = fieldNamed(NODE_FIELDS, root);
  if (field === undefined || !CHANGEABLE.includes(root)) throw new InvalidInput(`a rule can not change ${root}`);
  if (root === 'driver_info' && path.some(isSecretName)) throw new InvalidInput('a rule can not hold secrets');
  const row = change({ ...subject.node } as unknown as JsonObject);
  const value = row[root] === undefined ? (field.reset ?? null) : field.check(row[root], root);
  return { ...subject, node: { ...subject.node, [root]: value } };
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
const rowOf = ({ node }: Subject): JsonObject => node as unknown as JsonObject;

export const ACTS: Readonly<Record<string, Act>> = {
  fail: (_, { msg }) => {
    throw new InvalidInput(String(msg));
  },
  log: (subject, { msg }) => ({ ...subject, log: [...subject.log, String(msg)] }),
  'set-attribute': (subject, { path, value = null }) =>
    onNode(subject, pathOf(path), (row) => set(row, pathOf(path), value)),
  'extend-attribute': (subject, args) => {
    const path = pathOf(args.path);
    return onNode(subject, path, (row) => set(row, path, extended(valueAt(rowOf(subject), path), args)));
  },
  'del-attribute': (subject, { path }) => onNode(subject, pathOf(path), (row) => without(row, pathOf(path))),
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
