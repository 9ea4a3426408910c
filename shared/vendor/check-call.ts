import { Conflict, InvalidInput } from '../errors.ts';
import type { Node } from '../node/node.ts';
import type { VendorMethod } from './vendor-method.ts';

/** Ironic passes these to the method itself; in a body they would collide. */
const RESERVED = ['method', 'http_method', 'task'];

/** The row that is called. Every refusal is a 400, also the verb's: clients expect Ironic's answers. */
export function calledRow(rows: readonly VendorMethod[], method: string | undefined, httpMethod: string): VendorMethod {
  if (!method) throw new InvalidInput('Method not specified');
  const row = rows.find(({ name }) => name === method);
  if (!row) throw new InvalidInput(`No handler for method ${method}`);
  const verb = httpMethod.toUpperCase();
  if (!row.verbs.some((one) => one === verb)) {
    throw new InvalidInput(`The method ${method} does not support HTTP ${verb}`);
  }
  return row;
}

/** A row that needs the node for itself is refused while somebody holds it. */
export function checkLock(row: VendorMethod, node: Node): void {
  if (!row.requireExclusiveLock || node.reservation === null) return;
  throw new Conflict(
    `Node ${node.uuid} is locked by host ${node.reservation}, please retry after the current operation is completed.`,
  );
}

/** The body as an object: no body is an empty one. */
export function bodyOf(method: string, body: unknown): Record<string, unknown> {
  const given = body ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new InvalidInput(`The parameters of method '${method}' must be a JSON object.`);
  }
  const reserved = RESERVED.find((name) => Object.hasOwn(given, name));
  if (reserved) throw new InvalidInput(`Parameter '${reserved}' of method '${method}' is reserved.`);
  return { ...given };
}

/** What the row's schema makes of the body; the first complaint in Ironic's words. */
export function checkedArguments(row: VendorMethod, given: Record<string, unknown>): unknown {
  const parsed = row.arguments.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue?.code === 'unrecognized_keys') {
    throw new InvalidInput(`Unexpected arguments ${issue.keys.join(', ')} for method '${row.name}'.`);
  }
  const path = issue?.path.join('.') ?? '';
  const absent = issue?.path.length === 1 && given[path] === undefined;
  if (absent || (issue?.code === 'custom' && issue.params?.missing === true)) {
    throw new InvalidInput(`Parameter '${path}' not passed to method '${row.name}'.`);
  }
  throw new InvalidInput(`Parameter '${path}' of method '${row.name}' is not valid: ${issue?.message ?? 'unknown'}`);
}
