import { ClaimTaken } from '../../errors.ts';
import type { Beside } from '../../node/node-store.ts';
import { eventPuts } from './event-puts.ts';
import { resourceKey } from './keys.ts';
import { resourcePut } from './resource-put.ts';
import { writtenByNewer } from './shapes.ts';
import type { Write } from './transact.ts';
import { lostRace } from './writes.ts';

/** What changes beside a node, as writes of its transaction. */
export function besideWrites(table: string, beside: readonly Beside[], now: number): Write[] {
  return beside.flatMap((one) => {
    if (one.change === 'use') return [useOf(table, one.token)];
    const { kind, item, events = [] } = one;
    const stored = { ...item, version: item.version + 1 };
    const put = resourcePut(table, kind, stored, item.version);
    return [{ item: put, refused: () => lostRace(kind, item.uuid) }, ...eventPuts(table, stored, events, now)];
  });
}

/** Counted where it is kept, so that the last use of a token is one machine's. */
function useOf(table: string, token: string): Write {
  return {
    item: {
      Update: {
        TableName: table,
        Key: resourceKey('join_token', token),
        UpdateExpression: 'SET #fields.#used = #fields.#used + :one, #version = #version + :one',
        ConditionExpression:
          'attribute_exists(sk) AND attribute_type(#fields.#revoked, :null) AND ' +
          '(attribute_type(#fields.#uses, :null) OR #fields.#used < #fields.#uses)',
        ExpressionAttributeNames: {
          '#fields': 'fields',
          '#used': 'used',
          '#uses': 'uses',
          '#revoked': 'revoked_at',
          '#version': 'version',
        },
        ExpressionAttributeValues: { ':one': 1, ':null': 'NULL' },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    },
    refused: (old) => writtenByNewer('resource', old) ?? new ClaimTaken('join_token', token, undefined),
  };
}
