import type { Json, Row } from '../api.ts';
import { EXIT, Refusal } from '../refusal.ts';
import { type Column, card, printable, table, time } from '../table.ts';
import { type Context, encoded, tell } from '../verb.ts';

const INBOX = '/v1/nodeless/inbox';
const NEXT = 'Next: `npx nodeless inbox show <id>`, `approve <id>`, `approve <id> --as-node <node>`, or `reject <id>`.';
const COLUMNS: readonly Column[] = [
  ['id', 'uuid'],
  ['state', 'state'],
  ['serial', 'serial'],
  ['machine', ({ vendor, model }) => [vendor, model].filter(Boolean).join(' ')],
  ['MACs', ({ macs }) => (Array.isArray(macs) && macs.length > 2 ? [...macs.slice(0, 2), '…'] : macs)],
  ['seen', ({ count }) => `${count} ×`],
  ['last', ({ last_seen_at }) => time(last_seen_at)],
  ['why', 'reason'],
];

/** `vendor=Dell model=R640` */
export type Filter = Record<string, string>;

export function filterOf(words: readonly string[]): Filter {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at < 1) throw new Refusal(`${word} is no filter.`, EXIT.usage, 'Write it as vendor=Dell or state=held.');
      return [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}

const found = (context: Context, filter: Filter): Promise<Row[]> =>
  context.api.list(`${INBOX}?${new URLSearchParams(filter)}`, 'inbox');

export async function listInbox(context: Context, filter: Filter): Promise<void> {
  const rows = await found(context, filter);
  tell(context, { inbox: rows }, () => table(rows, COLUMNS, 'No machine waits for a person.'));
  if (rows.length > 0 && !context.json) context.note(NEXT);
}

export async function showSubmission(context: Context, id: string): Promise<void> {
  const row = await context.api.get(`${INBOX}/${encoded(id)}`);
  tell(context, row, () => inFull(row));
}

/** One machine or several, each by its id. What fails does not keep the others. */
export async function decide(context: Context, act: string, ids: readonly string[], body: Row): Promise<void> {
  const [done, failed]: [Row[], Row[]] = [[], []];
  for (const id of ids) {
    try {
      done.push(await context.api.call('POST', `${INBOX}/${encoded(id)}/${act}`, body));
    } catch (error) {
      // The only one fails as itself, with its own advice; and so does what no other id would change.
      if (!(error instanceof Refusal) || ids.length === 1 || error.exit !== EXIT.refused) throw error;
      failed.push({ uuid: id, message: error.message });
    }
  }
  report(context, done, failed);
}

/** All machines of a filter. Without `yes` it only says which ones these are. */
export async function decideAll(
  context: Context,
  act: string,
  given: { filter: Filter; body: Row; yes: boolean },
): Promise<void> {
  const { filter, body, yes } = given;
  if (!yes) {
    const rows = await found(context, filter);
    tell(context, { inbox: rows }, () => table(rows, COLUMNS, 'No machine matches.'));
    if (rows.length === 0) return;
    throw new Refusal(
      `Nothing was done: ${act} would decide on these ${rows.length}.`,
      EXIT.usage,
      'Repeat with --yes.',
    );
  }
  const [done, failed]: [Row[], Row[]] = [[], []];
  for (let more = true; more; ) {
    const answer = await context.api.call('POST', `${INBOX}/${act}`, { ...body, filter });
    const some = (answer['done'] ?? []) as Row[];
    done.push(...some);
    // Those that fail stay and would come again with each page: the last page's are all of them.
    failed.splice(0, failed.length, ...((answer['failed'] ?? []) as Row[]));
    more = answer['more'] === true && some.length > 0;
  }
  report(context, done, failed);
}

function report(context: Context, done: Row[], failed: Row[]): void {
  const outcome: readonly Column[] = [
    ['id', 'uuid'],
    ['state', 'state'],
    ['node', 'node'],
    ['serial', 'serial'],
    ['by', 'decided_by'],
  ];
  tell(context, { done, failed }, () =>
    [
      table(done, outcome, 'Nothing was decided.'),
      ...failed.map(({ uuid, message }) => `${uuid} failed: ${printable(String(message))}`),
    ].join('\n'),
  );
  if (done.some(({ state }) => state === 'approved') && !context.json) {
    context.note(
      'Next: `npx nodeless nodes` shows the nodes; those in enroll wait for `openstack baremetal node manage <node>`.',
    );
  }
  const answered = done.flatMap(({ still_answered }) =>
    Array.isArray(still_answered) ? (still_answered as Row[]) : [],
  );
  for (const { node, name, macs } of context.json ? [] : answered) {
    const [whose, which] = [printable(String(name ?? node)), printable(String(macs))];
    context.note(
      `Still answered: a lookup with ${which} is of node ${whose}, as before. ` +
        `\`npx nodeless timeline ${node}\` says what contradicts it.`,
    );
  }
  if (failed.length > 0) {
    const next = 'Look at each with `npx nodeless inbox show <id>`.';
    throw new Refusal(`${failed.length} of ${done.length + failed.length} could not be decided.`, EXIT.refused, next);
  }
}

function inFull(row: Row): string {
  const { reasons, history, evidence } = row;
  const items = (evidence as Row | undefined)?.['items'];
  const lines = (list: Json | undefined, show: (one: Row) => string): string[] =>
    Array.isArray(list) ? list.map((one) => (typeof one === 'string' ? printable(one) : show(one as Row))) : [];
  return [
    card([
      ['id', row['uuid']],
      ['state', row['state']],
      ['why', row['reason']],
      ['policy', row['policy']],
      ['machine', [row['vendor'], row['model']].filter(Boolean).join(' ')],
      ['serial', row['serial']],
      ['MACs', row['macs']],
      ['could be', row['candidates']],
      ['node', row['node']],
      ['first seen', time(row['first_seen_at'])],
      ['last seen', `${time(row['last_seen_at'])}, ${row['count']} ×`],
      ['decided', row['decided_at'] ? `${time(row['decided_at'])} by ${row['decided_by'] ?? 'an operator'}` : null],
    ]),
    ...section('Explanation', lines(reasons, JSON.stringify)),
    ...section(
      'Evidence',
      lines(items, (one) => `${one['kind']} ${printable(String(one['printed'] ?? one['value']))} (${one['source']})`),
    ),
    ...section(
      'History',
      lines(history, (one) => `${time(one['created_at'])} ${printable(String(one['event']))}`),
    ),
  ].join('\n');
}

/** One line each, whatever stands in it: a machine must not write lines of ours. */
export function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line.replaceAll('\n', ' ')}`)];
}
