import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Clock, systemClock } from '../../clock.ts';
import { ClaimTaken } from '../../errors.ts';
import type { NewEvent } from '../../node/node.ts';
import type { From } from '../../resource/listing.ts';
import type { ResourceKind, ResourceStore, Stored, UniqueValue } from '../../resource/resource-store.ts';
import { releaseClaim, takeClaim } from './claims.ts';
import {
  documents,
  getItem,
  getMany,
  getResource,
  inCreationOrder,
  listResources,
  manyResources,
  sameContent,
} from './document.ts';
import { eventPuts } from './event-puts.ts';
import { inOrder } from './in-order.ts';
import type { Item } from './items.ts';
import { claimKey, resourceKey } from './keys.ts';
import { resourcePut } from './resource-put.ts';
import type { TableNames } from './tables.ts';
import { transact, type Write } from './transact.ts';
import { lostRace } from './writes.ts';

const RETURN_OLD = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
const same = (a: UniqueValue, b: UniqueValue): boolean => a.kind === b.kind && a.value === b.value;

export class DynamoResourceStore implements ResourceStore {
  readonly #db: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #clock: Clock;
  constructor(client: DynamoDBClient, names: Pick<TableNames, 'nodes'>, clock: Clock = systemClock) {
    this.#db = documents(client);
    this.#table = names.nodes;
    this.#clock = clock;
  }

  async get<T extends Stored>(kind: ResourceKind, uuid: string): Promise<T | undefined> {
    if (uuid === '') return undefined;
    const item = await getResource(this.#db, this.#table, kind, uuid);
    return item && resourceOf<T>(item);
  }

  async byName<T extends Stored>(kind: ResourceKind, name: string): Promise<T | undefined> {
    const claim = await getItem(this.#db, this.#table, claimKey({ kind: `${kind}_name`, value: name }));
    return claim && this.get<T>(kind, String(claim.owner));
  }

  async list<T extends Stored>(kind: ResourceKind): Promise<T[]> {
    const items = await listResources(this.#db, this.#table, kind);
    return inCreationOrder(items.map((item) => resourceOf<T>(item)));
  }

  async many<T extends Stored>(kind: ResourceKind, uuids: readonly string[]): Promise<T[]> {
    return (await manyResources(this.#db, this.#table, kind, uuids)).map((item) => resourceOf<T>(item));
  }

  /** Whole rows: their fields are one attribute. */
  async *inOrder<T extends Stored>(kind: ResourceKind, from: From): AsyncGenerator<T> {
    for await (const item of inOrder(this.#db, this.#table, kind, { ...from, only: undefined }))
      yield resourceOf<T>(item);
  }

  async holders(values: readonly UniqueValue[]): Promise<string[]> {
    if (values.length === 0) return [];
    const claims = await getMany(this.#db, this.#table, values.map(claimKey));
    return [...new Set(claims.map((claim) => String(claim.owner)))].sort();
  }

  async create<T extends Stored>(
    kind: ResourceKind,
    item: T,
    unique: readonly UniqueValue[],
    events: readonly NewEvent[] = [],
  ): Promise<T> {
    const put = resourcePut(this.#table, kind, item);
    const writes: Write[] = [{ item: put, refused: () => new ClaimTaken('uuid', item.uuid, undefined) }];
    writes.push(...this.#take(item, unique), ...eventPuts(this.#table, item, events, this.#clock.now()));
    await transact(this.#db, writes, () => this.#stands(kind, item));
    return item;
  }

  async replace<T extends Stored>(
    kind: ResourceKind,
    item: T,
    unique: { before: readonly UniqueValue[]; after: readonly UniqueValue[] },
    events: readonly NewEvent[] = [],
  ): Promise<T> {
    const stored = { ...item, version: item.version + 1 };
    const gone = unique.before.filter((old) => !unique.after.some((kept) => same(kept, old)));
    const fresh = unique.after.filter((one) => !unique.before.some((old) => same(old, one)));
    const put = resourcePut(this.#table, kind, stored, item.version);
    const writes: Write[] = [{ item: put, refused: () => lostRace(kind, item.uuid) }];
    writes.push(...this.#release(item, gone), ...this.#take(item, fresh));
    writes.push(...eventPuts(this.#table, stored, events, this.#clock.now()));
    await transact(this.#db, writes, () => this.#stands(kind, stored));
    return stored;
  }

  async remove<T extends Stored>(kind: ResourceKind, item: T, unique: readonly UniqueValue[]): Promise<void> {
    const drop = { Delete: { TableName: this.#table, Key: resourceKey(kind, item.uuid), ...asRead(item) } };
    const writes: Write[] = [{ item: drop, refused: () => lostRace(kind, item.uuid) }, ...this.#release(item, unique)];
    await transact(this.#db, writes, async () => (await this.get(kind, item.uuid)) === undefined);
  }

  #take({ uuid }: Stored, values: readonly UniqueValue[]): Write[] {
    return values.map((value) => takeClaim(this.#table, { ...value, soft: false }, uuid));
  }

  #release({ uuid }: Stored, values: readonly UniqueValue[]): Write[] {
    return values.map((value) => releaseClaim(this.#table, { ...value, soft: false }, uuid));
  }

  /** Our own write, as far as anybody can tell: the same content in the same version. */
  async #stands(kind: ResourceKind, item: Stored): Promise<boolean> {
    const found = await this.get(kind, item.uuid);
    return found !== undefined && sameContent(found, item);
  }
}

const asRead = ({ version }: Stored) => ({
  ConditionExpression: '#version = :version',
  ExpressionAttributeNames: { '#version': 'version' },
  ExpressionAttributeValues: { ':version': version },
  ...RETURN_OLD,
});

/** What a kind holds is what it was given: the table knows no fields. */
function resourceOf<T extends Stored>({ sk, version, fields }: Item): T {
  return { ...(fields as object), uuid: sk, version } as unknown as T;
}
