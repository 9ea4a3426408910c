import type { Json, Row } from '../api.ts';
import { isRow } from '../api.ts';
import { printable, time } from '../table.ts';
import { type Context, encoded, tell } from '../verb.ts';
import { section } from './inbox.ts';

const lines = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.map((one) => printable(String(one))) : [];

/** Why a node or a submission is what it is; with `replay` also what it would come to today. */
export async function explain(context: Context, subject: string, given: { replay: boolean }): Promise<void> {
  const query = given.replay ? '?replay=true' : '';
  const answer = await context.api.get(`/v1/nodeless/explain/${encoded(subject)}${query}`);
  tell(context, answer, () => explained(answer));
}

function explained(answer: Row): string {
  const passed = Array.isArray(answer['passed']) ? (answer['passed'] as Row[]) : [];
  const history = Array.isArray(answer['history']) ? (answer['history'] as Row[]) : [];
  const { provide, replay } = answer;
  return [
    `${answer['subject']} ${answer['uuid']}, ${answer['state']}`,
    printable(String(answer['outcome'] ?? '')),
    ...section('Why', lines(answer['reasons'])),
    ...section(
      'Becomes available by itself',
      isRow(provide)
        ? [printable(`${provide['ready'] === true ? 'at the next sweep' : 'no'}: ${provide['reason']}`)]
        : [],
    ),
    ...section(
      'Policies that passed it on',
      passed.map(({ policy, why }) => printable(`${policy}: ${why}`)),
    ),
    ...section(
      'What happened',
      history.map((one) => printable(`${time(one['created_at'])} ${one['user'] ?? ''} ${one['event']}`)),
    ),
    ...(isRow(replay) ? replayed(replay) : []),
  ].join('\n');
}

function replayed(replay: Row): string[] {
  const title = replay['changed'] === true ? 'Today it would be otherwise' : 'Today it would be the same';
  return section(title, [
    printable(String(replay['outcome'])),
    ...lines(replay['changes']),
    ...lines(replay['reasons']),
  ]);
}
