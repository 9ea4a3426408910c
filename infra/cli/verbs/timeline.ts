import type { Row } from '../api.ts';
import { Refusal } from '../refusal.ts';
import { type Column, table, time } from '../table.ts';
import { type Context, encoded, tell } from '../verb.ts';

const COLUMNS: readonly Column[] = [
  ['when', ({ created_at }) => time(created_at)],
  ['who', ({ user }) => user ?? 'operator'],
  ['what', 'event_type'],
  ['', ({ severity }) => (severity === 'ERROR' ? '!' : '')],
  ['said', ({ event }) => (typeof event === 'string' ? wrapped(event) : '')],
];

/** Everything that happened to a node, from the first sight of its machine: who did what, and why. */
export async function timeline(context: Context, ident: string): Promise<void> {
  const path = `/v1/nodes/${encoded(ident)}/history?detail=true&sort_key=created_at`;
  const own = await context.api.list(path, 'history');
  const seen = new Set(own.map(({ uuid }) => uuid));
  const before = (await submissionHistory(context, ident)).filter(({ uuid }) => !seen.has(uuid));
  // Sorting is stable: what happened within one moment stays in its order.
  const all = [...before, ...own].sort((a, b) => momentOf(a) - momentOf(b));
  tell(context, { timeline: all }, () => table(all, COLUMNS, 'Nothing is kept of this node.'));
  if (!context.json) context.note(`Next: \`npx nodeless node ${ident}\` shows where it is now and what to do.`);
}

const momentOf = ({ created_at: at }: Row): number => Date.parse(String(at));

/** What was seen and decided before the node was there. */
async function submissionHistory({ api }: Context, ident: string): Promise<Row[]> {
  const { submission } = await api.get(`/v1/nodeless/explain/${encoded(ident)}`);
  if (typeof submission !== 'string') return [];
  try {
    const { history } = await api.get(`/v1/nodeless/inbox/${encoded(submission)}`);
    return Array.isArray(history) ? (history as Row[]) : [];
  } catch (error) {
    // An operator made the inbox forget it: the node's own history is what is left.
    if (error instanceof Refusal) return [];
    throw error;
  }
}

const WIDTH = 100;

function wrapped(text: string): string {
  return text.replaceAll(new RegExp(`(?=.{${WIDTH + 1}})(.{1,${WIDTH}})\\s`, 'g'), '$1\n');
}
