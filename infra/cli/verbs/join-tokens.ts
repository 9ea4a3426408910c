import type { Row } from '../api.ts';
import { type Column, card, table, time } from '../table.ts';
import { type Context, encoded, tell } from '../verb.ts';

const TOKENS = '/v1/nodeless/join_tokens';
const COLUMNS: readonly Column[] = [
  ['id', 'uuid'],
  ['name', 'name'],
  ['state', 'state'],
  ['used', ({ used, uses }) => (uses === null || uses === undefined ? `${used}` : `${used} of ${uses}`)],
  ['expires', ({ expires_at }) => time(expires_at) || 'never'],
  ['policy', 'policy'],
  ['serials', 'serials'],
  ['models', 'models'],
];

export async function createJoinToken(context: Context, body: Row): Promise<void> {
  const made = await context.api.call('POST', TOKENS, body);
  tell(context, made, () =>
    card([
      ['id', made['uuid']],
      ['name', made['name']],
      ['token', made['token']],
      ['path', made['path'] ?? made['url']],
      ['uses', made['uses']],
      ['expires', time(made['expires_at']) || 'never'],
    ]),
  );
  if (context.json) return;
  context.note(
    'The token is shown this once. Boot machines with ipa-api-url=<agent API>/join/<token> and ' +
      'ipa-inspection-callback-url=<agent API>/join/<token>/v1/continue_inspection.',
  );
}

export async function listJoinTokens(context: Context): Promise<void> {
  const rows = await context.api.list(TOKENS, 'join_tokens');
  tell(context, { join_tokens: rows }, () => table(rows, COLUMNS, 'There are no join tokens.'));
}

export async function revokeJoinToken(context: Context, ident: string): Promise<void> {
  await context.api.call('DELETE', `${TOKENS}/${encoded(ident)}`);
  tell(context, { revoked: ident }, () => `${ident} is revoked: no machine joins with it any more.`);
}
