import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { JsonObject } from '../../json.ts';
import type { SecretStore } from '../../node/node-store.ts';
import { documents, getItem } from './document.ts';
import { asked } from './refusals.ts';
import { shapeOf } from './shapes.ts';
import type { TableNames } from './tables.ts';

export class DynamoSecretStore implements SecretStore {
  readonly #db: DynamoDBDocumentClient;
  readonly #table: string;
  constructor(client: DynamoDBClient, names: Pick<TableNames, 'secrets'>) {
    this.#db = documents(client);
    this.#table = names.secrets;
  }

  async get(nodeUuid: string): Promise<JsonObject> {
    const item = await getItem(this.#db, this.#table, { node: nodeUuid });
    return (item?.values ?? {}) as JsonObject;
  }

  async put(nodeUuid: string, values: JsonObject): Promise<void> {
    const Item = { node: nodeUuid, values, schema: shapeOf('secret') };
    await asked(this.#db.send(new PutCommand({ TableName: this.#table, Item })));
  }

  async remove(nodeUuid: string): Promise<void> {
    await asked(this.#db.send(new DeleteCommand({ TableName: this.#table, Key: { node: nodeUuid } })));
  }
}
