import { InvalidInput } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { described, isObject, objectWith } from '../resource/checks.ts';

const INTERFACES = ['vendor', 'power', 'management', 'firmware', 'deploy', 'bios', 'raid'];
const DEPLOY_KEYS = ['interface', 'step', 'args', 'priority'];
const CLEAN_KEYS = ['interface', 'step', 'args', 'order', 'execute_on_child_nodes', 'limit_child_node_execution'];
const RUNBOOK_KEYS = ['interface', 'step', 'args', 'order'];

/** Steps of a deploy, from a request (operator-api.md §4.4). */
export function deploySteps(value: JsonValue | undefined, name: string): JsonObject[] {
  return steps(value, name, DEPLOY_KEYS, DEPLOY_KEYS);
}

/** Steps of a clean or a service, from a request. */
export function cleanSteps(value: JsonValue | undefined, name: string): JsonObject[] {
  return some(steps(value, name, CLEAN_KEYS, ['interface', 'step']), name);
}

const LISTED = { type: 'object', properties: { interface: { enum: INTERFACES }, step: { type: 'string' } } };
const STEPS = { type: 'array', minItems: 1, items: { ...LISTED, required: ['interface', 'step', 'args'] } };

/** Steps of a deploy template. */
export const templateSteps = described(STEPS, (value, name) => {
  const list = distinct(some(steps(value, name, DEPLOY_KEYS, DEPLOY_KEYS), name), name);
  return list.map((step) => ({ ...step, priority: Number(step.priority) }));
});

/** Steps of a runbook. */
export const runbookSteps = described(STEPS, (value, name) => {
  const list = distinct(some(steps(value, name, RUNBOOK_KEYS, RUNBOOK_KEYS), name), name);
  return list.map((step) => ({ ...step, order: Number(step.order) }));
});

function some(list: JsonObject[], name: string): JsonObject[] {
  if (list.length === 0) throw new InvalidInput(`${name} must not be empty`);
  return list;
}

function distinct(list: JsonObject[], name: string): JsonObject[] {
  const names = list.map((step) => `${step.interface}.${step.step}`);
  const twice = names.find((one, index) => names.indexOf(one) !== index);
  if (twice !== undefined) throw new InvalidInput(`${name}: ${twice} is there twice`);
  return list;
}

function steps(value: unknown, name: string, known: string[], mandatory: string[]): JsonObject[] {
  if (!Array.isArray(value)) throw new InvalidInput(`${name}: expected a list of steps`);
  return value.map((entry: unknown) => {
    const step = objectWith(entry, known, name);
    const missing = mandatory.find((key) => step[key] === undefined);
    if (missing !== undefined) throw new InvalidInput(`${name}: a step needs ${missing}`);
    if (typeof step.interface !== 'string' || !INTERFACES.includes(step.interface)) {
      throw new InvalidInput(`${name}: unknown interface ${step.interface}`);
    }
    if (typeof step.step !== 'string' || step.step === '') throw new InvalidInput(`${name}: a step needs a name`);
    if (step.args !== undefined && !isObject(step.args)) throw new InvalidInput(`${name}: args must be an object`);
    for (const key of ['priority', 'order']) {
      if (step[key] !== undefined && !/^\d+$/.test(String(step[key]))) {
        throw new InvalidInput(`${name}: ${key} must be a non-negative integer`);
      }
    }
    if (step.interface === 'vendor' && step.step === 'send_raw') {
      throw new InvalidInput(`${name}: vendor.send_raw is not allowed`);
    }
    return step;
  });
}
