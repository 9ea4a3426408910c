import { randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { type Clock, systemClock } from '../../clock.ts';
import { ClaimTaken } from '../../errors.ts';
import { type Claim, claimChanges, claimsOf, macSet } from '../../node/claims.ts';
import type { NewEvent, Node, NodeEvent, Port } from '../../node/node.ts';
import type { Beside, NodeStore, TakeOver } from '../../node/node-store.ts';
import type { From } from '../../resource/listing.ts';
import { besideWrites } from './beside.ts';
import { releaseClaim, takeClaim } from './claims.ts';
import {
  documents,
  getItem,
  getResource,
  inCreationOrder,
  listResources,
  manyResources,
  queryAll,
} from './document.ts';
import { eventPuts } from './event-puts.ts';
import { inOrder } from './in-order.ts';
import { eventOf, heldAttributes, heldClaims, nodeItem, nodeOf } from './items.ts';
import { claimKey, eventsPartition, SESSION } from './keys.ts';
import { isLost, type RawItem, refusedBy, storeError } from './refusals.ts';
import { removeNode } from './remove-node.ts';
import { shapeOf, writtenByNewer } from './shapes.ts';
import type { KnownTables } from './tables.ts';
import { takeOver } from './take-over.ts';
import { transact, type Write } from './transact.ts';
import { addPort, lostRace, macChange, nodePut } from './writes.ts';

/** With claims, session and events these stay under the 100 items of a transaction. */
export const PORTS_AT_ONCE = 40;

/** The version is the one that we read, yet the row holds other claims than the caller's row. */
class ClaimsMoved extends Error {
  readonly held: Claim[];
  readonly attributes: ReturnType<typeof heldAttributes>;
  constructor(old: RawItem) {
    super('claims moved');
    this.attributes = {
      name: old.name?.S,
      instance_uuid: old.instance_uuid?.S,
      serial: old.serial?.S,
      marks: old.marks?.S,
    };
    this.held = heldClaims(this.attributes);
  }
}

const always = () => 'leave-out' as const;

export class DynamoNodeStore implements NodeStore {
  readonly #db: DynamoDBDocumentClient;
  readonly #names: KnownTables;
  readonly #clock: Clock;
  constructor(client: DynamoDBClient, names: KnownTables, clock: Clock = systemClock) {
    this.#db = documents(client);
    this.#names = names;
    this.#clock = clock;
  }

  async get(uuid: string): Promise<Node | undefined> {
    if (uuid === '') return undefined;
    const item = await getResource(this.#db, this.#names.nodes, 'node', uuid);
    return item && nodeOf(item);
  }

  byName(name: string): Promise<Node | undefined> {
    return this.#byClaim('name', name);
  }

  byInstance(instanceUuid: string): Promise<Node | undefined> {
    return this.#byClaim('instance_uuid', instanceUuid);
  }

  async #byClaim(kind: 'name' | 'instance_uuid', value: string): Promise<Node | undefined> {
    if (value === '') return undefined;
    const claim = await getItem(this.#db, this.#names.nodes, claimKey({ kind, value }));
    const node = claim && (await this.get(String(claim.owner)));
    return node?.[kind] === value ? node : undefined;
  }

  async list(): Promise<Node[]> {
    return inCreationOrder((await listResources(this.#db, this.#names.nodes, 'node')).map(nodeOf));
  }

  async many(uuids: readonly string[]): Promise<Node[]> {
    return (await manyResources(this.#db, this.#names.nodes, 'node', uuids)).map(nodeOf);
  }

  async *inOrder(from: From): AsyncGenerator<Node> {
    for await (const item of inOrder(this.#db, this.#names.nodes, 'node', from)) yield nodeOf(item);
  }

  async events(nodeUuid: string): Promise<NodeEvent[]> {
    const items = await queryAll(this.#db, {
      TableName: this.#names.nodes,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': eventsPartition(nodeUuid) },
    });
    return items.map(eventOf);
  }

  async create(
    node: Node,
    ports: readonly Port[],
    events: readonly NewEvent[] = [],
    beside: readonly Beside[] = [],
  ): Promise<Node> {
    const table = this.#names.nodes;
    const first = ports.slice(0, PORTS_AT_ONCE);
    const stored = { ...node, macs: macSet(first.map((port) => port.address)) };
    if (stored.macs.length < first.length) throw new ClaimTaken('mac', repeated(first), node.uuid);
    const written = randomUUID();
    // One moment for all of it: what was decided does not come after what came of it.
    const now = this.#clock.now();
    const writes: Write[] = [
      {
        item: {
          Put: {
            TableName: table,
            Item: nodeItem(stored, written),
            ConditionExpression: 'attribute_not_exists(sk)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        },
        refused: () => new ClaimTaken('uuid', node.uuid, node.uuid),
      },
      {
        item: {
          Put: {
            TableName: this.#names.agents,
            Item: { node: node.uuid, part: SESSION, g: 0, b: 0, v: shapeOf('session') },
          },
        },
        refused: always,
      },
      ...claimsOf(node).map((claim) => takeClaim(table, claim, node.uuid)),
      ...first.flatMap((port) => addPort(table, port)),
      ...eventPuts(table, stored, events, now),
      ...besideWrites(table, beside, now),
    ];
    await transact(this.#db, writes, () => this.#isWritten(node.uuid, written));
    return ports.length > PORTS_AT_ONCE ? this.#addRest(stored, ports.slice(PORTS_AT_ONCE)) : stored;
  }

  async replace(node: Node, events: readonly NewEvent[] = [], learn: readonly Port[] = []): Promise<Node> {
    const macs = macSet([...node.macs, ...learn.map((port) => port.address)]);
    const stored = { ...node, macs, version: node.version + 1 };
    try {
      await this.#write(stored, events, learn, claimsOf(stored), heldAttributes(stored));
    } catch (error) {
      if (!(error instanceof ClaimsMoved)) throw error;
      await this.#write(stored, events, learn, error.held, error.attributes);
    }
    return stored;
  }

  takeOver(node: Node, change: TakeOver): Promise<Node> {
    return takeOver(this.#db, this.#names, node, change, this.#clock.now());
  }

  remove(node: Node): Promise<void> {
    return removeNode(this.#db, this.#names, node);
  }

  /** One conditional put, or one transaction when something beside the row changes. */
  async #write(
    stored: Node,
    events: readonly NewEvent[],
    learn: readonly Port[],
    held: readonly Claim[],
    attributes: ReturnType<typeof heldAttributes>,
  ): Promise<void> {
    const table = this.#names.nodes;
    const { released, taken } = claimChanges(held, claimsOf(stored));
    const written = randomUUID();
    const put = nodePut(table, stored, stored.version - 1, attributes, written);
    const refused = (old: RawItem | undefined): Error =>
      writtenByNewer('node', old) ??
      (old && Number(old.version?.N) === stored.version - 1 ? new ClaimsMoved(old) : lostRace('node', stored.uuid));
    const beside = [
      ...released.map((claim) => releaseClaim(table, claim, stored.uuid)),
      ...taken.map((claim) => takeClaim(table, claim, stored.uuid)),
      ...learn.flatMap((port) => addPort(table, port)),
      ...eventPuts(table, stored, events, this.#clock.now()),
    ];
    const applied = () => this.#isWritten(stored.uuid, written);
    if (beside.length > 0) return transact(this.#db, [{ item: { Put: put }, refused }, ...beside], applied);
    try {
      await this.#db.send(new PutCommand(put));
    } catch (error) {
      const old = refusedBy(error);
      // A repeated send meets what the first one wrote: that is success.
      if (old?.written?.S === written) return;
      if (old !== undefined) throw refused(old ?? undefined);
      if (isLost(error) && (await applied())) return;
      throw storeError(error);
    }
  }

  async #isWritten(uuid: string, written: string): Promise<boolean> {
    const item = await getResource(this.#db, this.#names.nodes, 'node', uuid);
    return item?.written === written;
  }

  /** A node whose last MACs are of others must not stay half enrolled. */
  async #addRest(node: Node, rest: readonly Port[]): Promise<Node> {
    let current = node;
    for (const port of rest) {
      const writes = [macChange(this.#names.nodes, node.uuid, { add: port.address }, current.version)];
      const applied = async () => (await this.get(node.uuid))?.macs.includes(port.address) ?? false;
      try {
        await transact(this.#db, [...writes, ...addPort(this.#names.nodes, port)], applied);
      } catch (error) {
        if (error instanceof ClaimTaken) await this.remove(current);
        throw error;
      }
      current = { ...current, version: current.version + 1, macs: macSet([...current.macs, port.address]) };
    }
    return current;
  }
}

const repeated = (ports: readonly Port[]): string =>
  ports.find((port, at) => ports.slice(0, at).some((other) => other.address === port.address))?.address ?? '';
