import { NodelessError } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { Node, Port } from '../node/node.ts';
import { documentOf } from '../node/node-document.ts';
import { isObject } from '../resource/checks.ts';
import { isSecretName } from '../resource/view.ts';
import { ACTS, type Subject } from './actions.ts';
import { TESTS } from './conditions.ts';
import type { InspectionRule } from './inspection-rule.ts';
import { ACTIONS, CONDITIONS, type Operation } from './operations.ts';
import { namedArguments } from './rule-checks.ts';
import { filledIn } from './values.ts';

export interface Outcome extends Subject {
  /** UUIDs of the rules that applied. */
  applied: string[];
  /** Why the inspection failed. The node is then as it was. */
  failed: string | null;
}

/** Runs every rule whose conditions hold, the highest priority first. One error ends the inspection (agent-contract.md §4.7). */
export function applyRules(
  rules: readonly InspectionRule[],
  given: { node: Node; ports: readonly Port[]; inventory: JsonObject; pluginData: JsonObject },
): Outcome {
  let subject: Subject = { node: given.node, ports: given.ports, pluginData: given.pluginData, log: [] };
  const applied: string[] = [];
  for (const rule of [...rules].sort((a, b) => b.priority - a.priority)) {
    try {
      const scope = scopeOf(subject, given.inventory);
      if (!rule.conditions.every((condition) => holds(condition, scope))) continue;
      for (const action of rule.actions) subject = act(action, subject, given.inventory);
      applied.push(rule.uuid);
    } catch (error) {
      const why = error instanceof NodelessError || error instanceof SyntaxError ? error.message : 'it broke';
      return { ...given, log: subject.log, applied, failed: `Inspection rule ${rule.uuid}: ${why}` };
    }
  }
  return { ...subject, applied, failed: null };
}

/** What rules logged, for the line of a history. */
export const saidBy = (log: readonly string[]): string => (log.length === 0 ? '' : `; rules said: ${log.join('; ')}`);

/** What texts may name. Secrets read as stars. */
function scopeOf({ node, pluginData }: Subject, inventory: JsonObject): JsonObject {
  return { node: hidden(documentOf(node)), inventory: hidden(inventory), plugin_data: hidden(pluginData) };
}

function hidden<T extends JsonValue>(value: T): T {
  return JSON.parse(JSON.stringify(value), (key, inner) => (isSecretName(key) ? '***' : inner));
}

function holds(condition: JsonObject, scope: JsonObject): boolean {
  const written = String(condition.op);
  const op = written.replace(/^!\s*/, '');
  const [test, operation] = [TESTS[op], CONDITIONS[op]];
  if (test === undefined || operation === undefined) return false;
  const results = () =>
    elements(condition.loop).map((item) =>
      test(argumentsOf(condition, operation, { ...scope, ...item }, 'conditions')),
    );
  return combined(results(), condition.multiple) !== written.startsWith('!');
}

function combined(results: boolean[], multiple: JsonValue | undefined): boolean {
  if (multiple === 'all') return results.every(Boolean);
  if (multiple === 'first') return results[0] === true;
  if (multiple === 'last') return results.at(-1) === true;
  return results.some(Boolean);
}

function act(action: JsonObject, before: Subject, inventory: JsonObject): Subject {
  const [perform, operation] = [ACTS[String(action.op)], ACTIONS[String(action.op)]];
  if (perform === undefined || operation === undefined) return before;
  return elements(action.loop).reduce<Subject>((subject, item) => {
    const scope = { ...scopeOf(subject, inventory), ...item };
    return perform(subject, argumentsOf(action, operation, scope, 'actions'));
  }, before);
}

/** `{item}` for each element; once without one when there is no loop. */
function elements(loop: JsonValue | undefined): JsonObject[] {
  if (Array.isArray(loop)) return loop.map((item) => ({ item }));
  return isObject(loop) ? Object.values(loop).map((item) => ({ item })) : [{}];
}

function argumentsOf(entry: JsonObject, operation: Operation, scope: JsonObject, name: string): JsonObject {
  const all = namedArguments(entry, operation, name);
  const formats = (key: string): boolean => scope.item !== undefined || operation.formatted.includes(key);
  return Object.fromEntries(
    Object.entries(all).map(([key, value]) => [key, formats(key) ? filledIn(value, scope) : value]),
  );
}
