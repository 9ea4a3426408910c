import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Asked } from './asking.ts';
import type { Json } from './normalise.ts';

const FILE = fileURLToPath(new URL('ironic-answers.jsonl', import.meta.url));

/** What a real Ironic answered, normalised: one line a request. */
export function recordedAnswers(): Asked[] {
  if (!existsSync(FILE)) return [];
  let last: Json = null;
  return readFileSync(FILE, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((text) => {
      const [line, status, headers, stored] = JSON.parse(text);
      const body = expanded(stored, last);
      if (isLarge(body)) last = body;
      return { line, answer: { status, headers: renamed(headers, LONG), body } };
    });
}

export function record(asked: readonly Asked[]): void {
  let last: Json = null;
  const lines = asked.map(({ line, answer: { status, headers, body } }) => {
    const stored = shortened(body, last);
    if (isLarge(body)) last = body;
    return JSON.stringify([line, status, renamed(headers, SHORT), stored]);
  });
  writeFileSync(FILE, `${lines.join('\n')}\n`);
}

/** Headers that every answer has. */
const SHORT: Readonly<Record<string, string>> = {
  'content-type': 'type',
  'x-openstack-ironic-api-version': 'v',
  'x-openstack-ironic-api-minimum-version': 'min',
  'x-openstack-ironic-api-maximum-version': 'max',
};
const LONG = Object.fromEntries(Object.entries(SHORT).map(([long, short]) => [short, long]));

function renamed(headers: Record<string, string>, names: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [names[name] ?? name, value]));
}

type Document = { [key: string]: Json };
const LIKE_LAST = '<like the last large one, but>';
const ABSENT = '<absent>';
const isLarge = (body: Json): body is Document =>
  typeof body === 'object' && body !== null && !Array.isArray(body) && Object.keys(body).length > 8;

/** A node is patched a hundred times, and shown in full each time: only what changed is kept. */
function shortened(body: Json, last: Json): Json {
  if (!isLarge(body) || !isLarge(last)) return body;
  const changed = Object.entries(body).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(last[key]));
  const gone = Object.keys(last).filter((key) => !(key in body));
  return { [LIKE_LAST]: { ...Object.fromEntries(changed), ...Object.fromEntries(gone.map((key) => [key, ABSENT])) } };
}

function expanded(stored: Json, last: Json): Json {
  const change =
    typeof stored === 'object' && stored !== null && !Array.isArray(stored) ? stored[LIKE_LAST] : undefined;
  if (change === undefined || !isLarge(last)) return stored;
  return Object.fromEntries(
    Object.entries({ ...last, ...(change as Document) }).filter(([, value]) => value !== ABSENT),
  );
}
