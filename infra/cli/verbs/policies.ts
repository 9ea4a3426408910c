import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { isRow, type Json, type Row } from '../api.ts';
import { EXIT, Refusal } from '../refusal.ts';
import { type Column, table } from '../table.ts';
import { type Context, encoded, tell } from '../verb.ts';

const POLICIES = '/v1/nodeless/policies';
const COLUMNS: readonly Column[] = [
  ['priority', 'priority'],
  ['name', 'name'],
  ['outcome', 'outcome'],
  ['conditions', 'conditions'],
  ['node', 'node'],
  ['limits', 'limits'],
  ['id', 'uuid'],
];

export async function listPolicies(context: Context, given: { stored: boolean }): Promise<void> {
  const stored = await context.api.list(POLICIES, 'policies');
  const rows = given.stored ? stored : await inForce(context, stored);
  tell(context, { policies: rows }, () => table(rows, COLUMNS, 'No policy is stored.'));
  if (!context.json && !given.stored)
    context.note('In the order in which they are asked; the first that fits decides.');
}

/** Those of the configuration and the last one have neither id nor priority: they cannot be changed here. */
async function inForce({ api }: Context, stored: readonly Row[]): Promise<Row[]> {
  const { policies } = await api.get(`${POLICIES}/effective`);
  const known = new Map(stored.map(({ name, uuid = null, priority = null }) => [name, { uuid, priority }]));
  return (Array.isArray(policies) ? (policies as Row[]) : []).map((one) => ({ ...one, ...known.get(one['name']) }));
}

/** Of a JSON or YAML file, `-` for standard input. */
export async function createPolicy(context: Context, file: string, folder: string): Promise<void> {
  const body = await documentOf(file, folder);
  const made = await context.api.call('POST', POLICIES, body);
  tell(context, made, () => table([made], COLUMNS, ''));
}

export async function deletePolicy(context: Context, ident: string): Promise<void> {
  await context.api.call('DELETE', `${POLICIES}/${encoded(ident)}`);
  tell(context, { deleted: ident }, () => `Policy ${ident} is deleted.`);
}

async function documentOf(file: string, folder: string): Promise<Row> {
  let document: Json;
  try {
    const text = file === '-' ? await all(process.stdin) : await readFile(resolve(folder, file), 'utf8');
    document = parse(text) as Json;
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unreadable';
    throw new Refusal(`${file}: ${why}`, EXIT.usage, 'Give a JSON or YAML file with one policy.');
  }
  if (isRow(document)) return document;
  throw new Refusal(`${file} holds no policy.`, EXIT.usage, 'Expected an object with name, priority and outcome.');
}

async function all(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}
