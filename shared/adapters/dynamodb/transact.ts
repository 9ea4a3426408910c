import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type DynamoDBDocumentClient,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { Unavailable } from '../../errors.ts';
import { cancelledBy, isConflict, isLost, type RawItem, type Reason, storeError } from './refusals.ts';

export type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** One write of a transaction, and what its failed condition means: an error, another write instead, or none. */
export interface Write {
  item: TransactItem;
  refused(old: RawItem | undefined): Error | Write | 'leave-out';
}

const ROUNDS = 8;
const CONFLICTS = 3;

/**
 * Sends the writes together. Soft writes that are refused are replaced and the rest is sent again; hard ones throw.
 * `applied` is asked when replies were lost: is what we wrote there?
 */
export async function transact(
  db: DynamoDBDocumentClient,
  writes: readonly Write[],
  applied: () => Promise<boolean>,
): Promise<void> {
  let pending = [...writes];
  let conflicts = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const failure = await send(db, pending, applied);
    if (failure === undefined) return;
    const reasons = cancelledBy(failure) ?? (isConflict(failure) ? [{ Code: 'TransactionConflict' }] : undefined);
    if (reasons === undefined) throw storeError(failure);
    const next = replan(pending, reasons);
    if (next === 'conflict') {
      conflicts += 1;
      if (conflicts > CONFLICTS) break;
      await sleep(Math.random() * 25 * 2 ** conflicts);
    } else if (next === 'unavailable') {
      break;
    } else {
      pending = next;
    }
  }
  throw new Unavailable('The store is busy with other writes of the same items', 2);
}

/** The same token twice: what the first one did, the second one does not repeat. */
async function send(db: DynamoDBDocumentClient, writes: Write[], applied: () => Promise<boolean>): Promise<unknown> {
  const input = { TransactItems: writes.map((write) => write.item), ClientRequestToken: randomUUID() };
  try {
    await db.send(new TransactWriteCommand(input));
    return undefined;
  } catch (first) {
    if (!isLost(first)) return first;
  }
  try {
    await db.send(new TransactWriteCommand(input));
    return undefined;
  } catch (second) {
    if (!isLost(second)) return second;
    return (await applied()) ? undefined : second;
  }
}

function replan(writes: Write[], reasons: readonly Reason[]): Write[] | 'conflict' | 'unavailable' {
  // An item that no repetition makes right: too large, or of the wrong type for an index.
  const invalid = reasons.find((reason) => reason.Code === 'ValidationError');
  if (invalid) throw storeError(Object.assign(new Error(invalid.Message), { name: 'ValidationException' }));
  let replaced = false;
  const next = writes.flatMap((write, at): Write[] => {
    const reason = reasons[at];
    if (reason?.Code !== 'ConditionalCheckFailed') return [write];
    const instead = write.refused(reason.Item);
    if (instead instanceof Error) throw instead;
    replaced = true;
    return instead === 'leave-out' ? [] : [instead];
  });
  if (replaced) return next;
  return reasons.some((reason) => reason.Code === 'TransactionConflict') ? 'conflict' : 'unavailable';
}
