import { InvalidInput } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { described, isObject, objectWith } from '../resource/checks.ts';
import { ACTIONS, CONDITIONS, type Operation, REFUSED } from './operations.ts';

const MULTIPLE = ['any', 'all', 'first', 'last'];
const OPERATIONS = { type: ['array', 'null'], items: { type: 'object', required: ['op'] } };

/** What a rule may ask. */
export const conditions = described(OPERATIONS, (value, name) =>
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

/** What a rule may do. */
export const actions = described(OPERATIONS, (value, name) => {
  const list = items(value, name);
  if (list.length === 0) throw new InvalidInput(`${name} must not be empty`);
  return list.map((entry) => {
    const action = objectWith(entry, ['op', 'args', 'loop'], name);
    checkItem(action, action.op, ACTIONS, name);
    return action;
  });
});

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
