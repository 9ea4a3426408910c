import { InvalidInput } from '../errors.ts';
import type { JsonObject, JsonValue } from '../node/node.ts';
import { boolean, described, isObject, nullable, objectWith, text, uuid } from '../resource/checks.ts';
import { fieldTable } from '../resource/field.ts';
import type { Resource } from '../resource/resource.ts';
import type { Stored } from '../resource/resource-store.ts';
import { ACTIONS, CONDITIONS, type Operation, REFUSED } from './operations.ts';

/** What happens to a node when its inventory arrives (agent-contract.md §4.7). */
export interface InspectionRule extends Stored {
  description: string | null;
  priority: number;
  phase: string | null;
  sensitive: boolean;
  conditions: JsonObject[];
  actions: JsonObject[];
}

const HIGHEST_PRIORITY = 9999;
const MULTIPLE = ['any', 'all', 'first', 'last'];

const priority = described({ type: 'integer', minimum: 0, maximum: HIGHEST_PRIORITY }, (value, name) => {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= HIGHEST_PRIORITY) return value;
  throw new InvalidInput(`${name} must be an integer between 0 and ${HIGHEST_PRIORITY}`);
});

const phase = described({ enum: ['main', null] }, (value, name) => {
  if (value === null || value === 'main') return value;
  throw new InvalidInput(`${name} must be main`);
});

const OPERATIONS = { type: ['array', 'null'], items: { type: 'object', required: ['op'] } };

const conditions = described(OPERATIONS, (value, name) =>
  items(value, name).map((entry) => {
    const condition = objectWith(entry, ['op', 'args', 'loop', 'multiple'], name);
    const { multiple } = condition;
    if (multiple !== undefined && !(typeof multiple === 'string' && MULTIPLE.includes(multiple))) {
      throw new InvalidInput(`${name}: multiple must be one of ${MULTIPLE.join(', ')}`);
    }
    const operator = typeof condition.op === 'string' ? condition.op.replace(/^!\s*/, '') : condition.op;
    checkItem(condition, operator, CONDITIONS, name);
    return condition;
  }),
);

const actions = described(OPERATIONS, (value, name) => {
  const list = items(value, name);
  if (list.length === 0) throw new InvalidInput(`${name} must not be empty`);
  return list.map((entry) => {
    const action = objectWith(entry, ['op', 'args', 'loop'], name);
    checkItem(action, action.op, ACTIONS, name);
    return action;
  });
});

// biome-ignore format: a table reads best with its columns aligned
const INSPECTION_RULE_FIELDS = fieldTable([
  ['uuid',        96, 'c',  uuid],
  ['description', 96, 'cp', nullable(text()), null],
  ['priority',    96, 'cp', priority, 0],
  ['phase',       96, 'cp', phase, 'main'],
  ['sensitive',   96, 'cp', boolean, false],
  ['conditions',  96, 'cp', conditions, []],
  ['actions',     96, 'cp', actions],
  ['created_at',  96, ''],
  ['updated_at',  96, ''],
]);

export const INSPECTION_RULE: Resource = {
  kind: 'inspection_rule',
  noun: 'inspection rule',
  collection: 'inspection_rules',
  path: 'inspection_rules',
  param: 'rule',
  fields: INSPECTION_RULE_FIELDS,
  short: ['uuid', 'priority', 'phase', 'description'],
  mandatory: ['actions'],
  unsortable: ['actions', 'conditions'],
  unique: [],
  gates: { read: [96, 404], write: [96, 405] },
  filters: { phase: ['string', 96] },
  detailSince: 96,
  visible: (rule) => (rule.sensitive === true ? { ...rule, conditions: null, actions: null } : rule),
};

/** Once hidden, the rule stays hidden: a change of the flag must not show what is in it. */
export function guardSensitive(before: JsonObject, after: JsonObject): void {
  if (before.sensitive === true && after.sensitive !== true)
    throw new InvalidInput('The sensitive flag can not be switched off again');
}

function items(value: unknown, name: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new InvalidInput(`${name} must be a list`);
}

function checkItem(
  item: JsonObject,
  op: JsonValue | undefined,
  known: Readonly<Record<string, Operation>>,
  name: string,
): void {
  const operation = typeof op === 'string' && Object.hasOwn(known, op) ? known[op] : undefined;
  if (operation === undefined) {
    const why = typeof op === 'string' && Object.hasOwn(REFUSED, op) ? `: ${REFUSED[op]}` : '';
    throw new InvalidInput(`${name}: ${why === '' ? 'unknown' : 'unsupported'} op ${String(item.op)}${why}`);
  }
  const { loop } = item;
  if (loop !== undefined && !Array.isArray(loop) && !isObject(loop)) {
    throw new InvalidInput(`${name}: loop must be a list or an object`);
  }
  namedArguments(item, operation, name);
}

/** Arguments by name, whether they were written so or by position. */
export function namedArguments({ op, args = {} }: JsonObject, operation: Operation, name: string): JsonObject {
  const order = [...operation.mandatory, ...operation.optional];
  if (Array.isArray(args) && args.length > order.length) throw new InvalidInput(`${name}: too many arguments of ${op}`);
  const given = Array.isArray(args)
    ? Object.fromEntries(args.map((value, index) => [order[index] ?? '', value]))
    : objectWith(args, order, `${name}: arguments of ${op}`);
  const missing = operation.mandatory.find((key) => given[key] === undefined);
  if (missing !== undefined) throw new InvalidInput(`${name}: ${op} needs the argument ${missing}`);
  return given;
}
