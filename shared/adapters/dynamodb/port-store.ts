import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { ClaimTaken } from '../../errors.ts';
import { macSet } from '../../node/claims.ts';
import type { Port } from '../../node/node.ts';
import type { PortStore } from '../../node/node-store.ts';
import type { From } from '../../resource/listing.ts';
import { macClaim, passClaim, portNameClaim, releaseClaim, takeClaim } from './claims.ts';
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
import { inOrder } from './in-order.ts';
import { nodeOf, portItem, portOf } from './items.ts';
import { claimKey, resourceKey } from './keys.ts';
import { isLost, refusedBy, storeError } from './refusals.ts';
import type { TableNames } from './tables.ts';
import { transact, type Write } from './transact.ts';
import { addPort, dropPort, holdsName, lostRace, macChange, nameChange } from './writes.ts';

export class DynamoPortStore implements PortStore {
  readonly #db: DynamoDBDocumentClient;
  readonly #table: string;
  constructor(client: DynamoDBClient, names: Pick<TableNames, 'nodes'>) {
    this.#db = documents(client);
    this.#table = names.nodes;
  }

  async get(uuid: string): Promise<Port | undefined> {
    if (uuid === '') return undefined;
    const item = await getResource(this.#db, this.#table, 'port', uuid);
    return item && portOf(item);
  }

  async list(): Promise<Port[]> {
    return inCreationOrder((await listResources(this.#db, this.#table, 'port')).map(portOf));
  }

  async many(uuids: readonly string[]): Promise<Port[]> {
    return (await manyResources(this.#db, this.#table, 'port', uuids)).map(portOf);
  }

  async *inOrder(from: From): AsyncGenerator<Port> {
    for await (const item of inOrder(this.#db, this.#table, 'port', from)) yield portOf(item);
  }

  async byAddress(address: string): Promise<Port | undefined> {
    const [port] = await this.#claimed([address]);
    return port;
  }

  async byName(name: string): Promise<Port | undefined> {
    if (name === '') return undefined;
    const claim = await getItem(this.#db, this.#table, claimKey(portNameClaim(name)));
    const port = claim && (await this.get(String(claim.owner)));
    return port?.name === name ? port : undefined;
  }

  async ofNode(node: string): Promise<Port[]> {
    const item = await getResource(this.#db, this.#table, 'node', node);
    if (item === undefined) return [];
    return inCreationOrder((await this.#claimed(nodeOf(item).macs)).filter((port) => port.node_uuid === node));
  }

  /** Through the claims of their addresses, which are strongly consistent and know their port. */
  async #claimed(addresses: readonly string[]): Promise<Port[]> {
    const claims = await getMany(
      this.#db,
      this.#table,
      addresses.map((address) => claimKey(macClaim(address))),
    );
    const keys = claims.map((claim) => resourceKey('port', String(claim.port)));
    const ports = (await getMany(this.#db, this.#table, keys)).map(portOf);
    return ports.filter(({ address }) => addresses.includes(address));
  }

  async create(port: Port): Promise<Port> {
    const taken = new ClaimTaken('uuid', port.uuid, undefined);
    const [put, ...claim] = addPort(this.#table, port);
    const writes = [macChange(this.#table, port.node_uuid, { add: port.address }), ...claim];
    if (put) writes.push({ ...put, refused: () => taken });
    await transact(this.#db, writes, () => this.#stands(port));
    return port;
  }

  async replace(port: Port): Promise<Port> {
    const stored = { ...port, version: port.version + 1 };
    const put = this.#putOver(stored, port);
    try {
      await this.#db.send(new PutCommand(put));
      return stored;
    } catch (error) {
      const old = refusedBy(error);
      if (old === undefined) {
        if (isLost(error) && (await this.#stands(stored))) return stored;
        throw storeError(error);
      }
      if (Number(old?.version?.N) !== port.version) {
        // The SDK repeats a send whose reply was lost, and then meets its own write.
        if (await this.#stands(stored)) return stored;
        throw lostRace('port', port.uuid);
      }
    }
    return this.#move(stored);
  }

  async remove(port: Port): Promise<void> {
    const writes = [
      ...dropPort(this.#table, port, port.version),
      macChange(this.#table, port.node_uuid, { drop: port.address }),
    ];
    await transact(this.#db, writes, async () => (await this.get(port.uuid)) === undefined);
  }

  /** Another address, name or node: claims and both rows follow in one transaction. */
  async #move(stored: Port): Promise<Port> {
    const old = await this.get(stored.uuid);
    if (!old || old.version !== stored.version - 1) throw lostRace('port', stored.uuid);
    const put = { Put: this.#putOver(stored, old) };
    const writes: Write[] = [{ item: put, refused: () => lostRace('port', stored.uuid) }];
    writes.push(...nameChange(this.#table, old, stored));
    if (old.address === stored.address && old.node_uuid !== stored.node_uuid) {
      writes.push(passClaim(this.#table, macClaim(old.address), old.node_uuid, stored.node_uuid));
    }
    if (old.address !== stored.address) {
      writes.push(releaseClaim(this.#table, macClaim(old.address), old.node_uuid));
      writes.push(takeClaim(this.#table, macClaim(stored.address), stored.node_uuid, { port: stored.uuid }));
    }
    writes.push(...(await this.#macChanges(old, stored)));
    await transact(this.#db, writes, () => this.#stands(stored));
    return stored;
  }

  async #macChanges(old: Port, stored: Port): Promise<Write[]> {
    if (old.node_uuid !== stored.node_uuid) {
      return [
        macChange(this.#table, old.node_uuid, { drop: old.address }),
        macChange(this.#table, stored.node_uuid, { add: stored.address }),
      ];
    }
    if (old.address === stored.address) return [];
    // One expression cannot add to a set and take from it, so the row is read.
    const item = await getResource(this.#db, this.#table, 'node', old.node_uuid);
    if (!item) throw lostRace('node', old.node_uuid);
    const node = nodeOf(item);
    const all = macSet([...node.macs.filter((mac) => mac !== old.address), stored.address]);
    return [macChange(this.#table, node.uuid, { all }, node.version)];
  }

  #putOver(stored: Port, read: Port) {
    const { condition, values } = holdsName(read);
    return {
      TableName: this.#table,
      Item: portItem(stored),
      ConditionExpression: `#version = :version AND address = :address AND node_uuid = :node AND ${condition}`,
      ExpressionAttributeNames: { '#version': 'version', '#name': 'name' },
      ExpressionAttributeValues: {
        ':version': stored.version - 1,
        ':address': read.address,
        ':node': read.node_uuid,
        ...values,
      },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    };
  }

  /** Our own write, as far as anybody can tell: the same content in the same version. */
  async #stands(port: Port): Promise<boolean> {
    const found = await this.get(port.uuid);
    return found !== undefined && sameContent(found, port);
  }
}
