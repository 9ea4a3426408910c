// Only client-dynamodb: this file is in the heartbeat's bundle, where every kilobyte is start-up time.

import { timingSafeEqual } from 'node:crypto';
import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Beat, BeatOutcome, Boot, Missing, Session, SessionStore } from '../../agent/session-store.ts';
import { bootPart } from './keys.ts';
import { asked, refusedBy, storeError } from './refusals.ts';
import { type Attributes, bootItem, bootOf, missingItem, num, sessionKey, sessionOf } from './session-item.ts';
import { shapeOf } from './shapes.ts';
import type { TableNames } from './tables.ts';

type Next = Parameters<SessionStore['issue']>[2];
type Update = Pick<UpdateItemCommandInput, 'UpdateExpression' | 'ConditionExpression'> & { values: Attributes };

const EXISTS = 'attribute_exists(part)';
const BEAT = 'SET t = :t ADD b :one';

export class DynamoSessionStore implements SessionStore {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  constructor(client: DynamoDBClient, names: Pick<TableNames, 'agents'>) {
    this.#client = client;
    this.#table = names.agents;
  }

  async beat(beat: Beat): Promise<BeatOutcome> {
    const { condition, values } = presented(beat);
    const ConditionExpression = `${condition} AND c = :c`;
    return this.#counted(beat, { UpdateExpression: BEAT, ConditionExpression, values });
  }

  async firstBeat(beat: Beat, boot: Boot): Promise<BeatOutcome> {
    const Item = bootItem(boot, beat.bootFingerprint);
    await asked(this.#client.send(new PutItemCommand({ TableName: this.#table, Item })));
    const { condition, values } = presented(beat);
    const outcome = await this.#counted(beat, {
      UpdateExpression: 'SET t = :t, c = :c ADD b :one',
      ConditionExpression: `${EXISTS} AND ${condition} AND g = :g AND (attribute_not_exists(c) OR c = :c)`,
      values: { ...values, ':g': num(boot.generation) },
    });
    const stale = 'session' in outcome && outcome.session.generation !== boot.generation;
    return stale ? { ...outcome, reason: 'wrong-token' } : outcome;
  }

  async get(node: string): Promise<Session | undefined> {
    const command = new GetItemCommand({ TableName: this.#table, Key: sessionKey(node), ConsistentRead: true });
    const { Item } = await asked(this.#client.send(command));
    return Item && sessionOf(Item);
  }

  async boot(node: string, generation: number): Promise<Boot | undefined> {
    const query = new QueryCommand({
      TableName: this.#table,
      ConsistentRead: true,
      KeyConditionExpression: '#node = :node AND begins_with(part, :boot)',
      ExpressionAttributeNames: { '#node': 'node' },
      ExpressionAttributeValues: { ':node': { S: node }, ':boot': { S: bootPart(generation, '') } },
    });
    const [session, { Items = [] }] = await Promise.all([this.get(node), asked(this.#client.send(query))]);
    // Several boots may have raced for the generation; the session says which one it took.
    const chosen = bootPart(generation, session?.bootFingerprint ?? '');
    const boots = Items.map((item) => ({ part: item.part?.S, boot: bootOf(item, generation) }));
    if (session?.generation === generation) return boots.find((one) => one.part === chosen)?.boot;
    return boots.map((one) => one.boot).sort((a, b) => b.startedAt - a.startedAt)[0];
  }

  async issue(node: string, expected: number, next: Next): Promise<Session | undefined> {
    const never = next.lastBeatAt === 0 ? 'attribute_not_exists(t) OR ' : '';
    const silent = next.lastBeatAt === undefined ? '' : ` AND (${never}t = :last)`;
    const old = await this.#update(node, {
      UpdateExpression: [
        'SET g = :next, a = :a, i = :i, t = :zero',
        next.tokenHash === undefined ? '' : ', h = :h',
        next.tokenless ? ', l = :true' : '',
        next.handedOver === undefined ? '' : ', o = :o',
        ` REMOVE c, m${next.tokenHash === undefined ? ', h' : ''}${next.tokenless ? '' : ', l'}`,
        next.handedOver === undefined ? ', o' : '',
        // A run that armed itself before must see that something happened.
        ' ADD b :one',
      ].join(''),
      ConditionExpression: `${EXISTS} AND g = :expected${silent}`,
      values: {
        ':expected': num(expected),
        ':next': num(expected + 1),
        ':a': num(next.at),
        ':i': num(next.intervalSeconds),
        ':zero': num(0),
        ':one': num(1),
        ...(next.tokenHash !== undefined && { ':h': { S: next.tokenHash } }),
        ...(next.tokenless && { ':true': { BOOL: true } }),
        ...(next.handedOver !== undefined && { ':o': { S: next.handedOver } }),
        ...(next.lastBeatAt !== undefined && { ':last': num(next.lastBeatAt) }),
      },
    });
    return old.done ? sessionOf(old.item) : undefined;
  }

  async revoke(node: string, expected: number): Promise<boolean> {
    const { done } = await this.#update(node, {
      UpdateExpression: 'SET g = :next, t = :zero REMOVE h, l, c, m, o ADD b :one',
      ConditionExpression: `${EXISTS} AND g = :expected`,
      values: { ':expected': num(expected), ':next': num(expected + 1), ':zero': num(0), ':one': num(1) },
    });
    return done;
  }

  async arm(node: string, waiter: Parameters<SessionStore['arm']>[1]): Promise<boolean> {
    const { done } = await this.#update(node, {
      UpdateExpression: 'SET w = :w, r = :r',
      ConditionExpression: `${EXISTS} AND g = :g AND b = :b AND (attribute_not_exists(r) OR r <= :r)`,
      values: {
        ':w': { S: waiter.taskToken },
        ':r': num(waiter.armedBy),
        ':g': num(waiter.generation),
        ':b': num(waiter.beats),
      },
    });
    return done;
  }

  async disarm(node: string, armedBy: number): Promise<void> {
    await this.#update(node, {
      UpdateExpression: 'REMOVE w',
      ConditionExpression: `${EXISTS} AND (attribute_not_exists(r) OR r <= :r)`,
      values: { ':r': num(armedBy) },
    });
  }

  async list(): Promise<Session[]> {
    const all: Session[] = [];
    let after: string | undefined;
    do {
      const { sessions, next } = await this.page(after);
      all.push(...sessions);
      after = next;
    } while (after !== undefined);
    return all;
  }

  /** A scan, on purpose: sweeping these small items is hundreds of times cheaper than an index on the last beat. */
  async page(after?: string): Promise<{ sessions: Session[]; next?: string }> {
    const command = new ScanCommand({
      TableName: this.#table,
      ConsistentRead: true,
      FilterExpression: 'part = :session',
      ExpressionAttributeValues: { ':session': sessionKey('').part ?? { S: '' } },
      ...(after !== undefined && { ExclusiveStartKey: JSON.parse(after) }),
    });
    const { Items = [], LastEvaluatedKey: last } = await asked(this.#client.send(command));
    return { sessions: Items.map(sessionOf), ...(last && { next: JSON.stringify(last) }) };
  }

  async miss(node: string, missing: Missing): Promise<boolean> {
    const { done } = await this.#update(node, {
      UpdateExpression: 'SET m = :m',
      ConditionExpression: `${EXISTS} AND b = :b`,
      values: { ':m': missingItem(missing), ':b': num(missing.beats) },
    });
    return done;
  }

  async #counted(beat: Beat, update: Update): Promise<BeatOutcome> {
    const old = await this.#update(beat.node, update);
    if (!old.item) return { accepted: false, reason: 'no-node' };
    const session = sessionOf(old.item);
    return old.done ? { accepted: true, before: session } : refusal(beat, session);
  }

  async #update(node: string, { values, UpdateExpression, ConditionExpression }: Update) {
    const command = new UpdateItemCommand({
      TableName: this.#table,
      Key: sessionKey(node),
      UpdateExpression,
      // An item of a newer release is left as it is; reading it says so.
      ConditionExpression: `(${ConditionExpression}) AND (attribute_not_exists(v) OR v <= :shape)`,
      ExpressionAttributeValues: { ...values, ':shape': num(shapeOf('session')) },
      ReturnValues: 'ALL_OLD',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    try {
      const { Attributes = {} } = await this.#client.send(command);
      return { done: true as const, item: Attributes };
    } catch (error) {
      const old = refusedBy(error);
      if (old === undefined) throw storeError(error);
      return { done: false as const, item: old as Attributes | null };
    }
  }
}

function presented(beat: Beat): { condition: string; values: Attributes } {
  const values = { ':t': num(beat.at), ':one': num(1), ':c': { S: beat.bootFingerprint } };
  return beat.tokenHash === undefined
    ? { condition: 'l = :true', values: { ...values, ':true': { BOOL: true } } }
    : { condition: 'h = :h', values: { ...values, ':h': { S: beat.tokenHash } } };
}

function refusal(beat: Beat, session: Session): BeatOutcome {
  const known = beat.tokenHash === undefined ? session.tokenless === true : same(beat.tokenHash, session.tokenHash);
  if (!known) return { accepted: false, reason: 'wrong-token', session };
  const reason = session.bootFingerprint === undefined ? 'first-beat' : 'other-boot';
  return { accepted: false, reason, session };
}

function same(given: string, stored: string | undefined): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(stored ?? '')];
  return a.length === b.length && timingSafeEqual(a, b);
}
