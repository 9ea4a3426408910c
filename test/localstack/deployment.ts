import { setTimeout as sleep } from 'node:timers/promises';
import { GetSecretValueCommand, ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { ENDPOINT, isThere, NAME, OPERATOR_URL } from '../../infra/localstack/settings.ts';
import type { JsonObject } from '../../shared/json.ts';
import { until } from '../until.ts';

const client = {
  endpoint: ENDPOINT,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};

/** The stacks that `npm run deploy:local` has made, as an operator and as the owner see them. */
export class Deployment {
  readonly #authorization: string;
  readonly #machine: string;
  readonly #sfn = new SFNClient(client);
  constructor(password: string, machine: string) {
    this.#authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
    this.#machine = machine;
  }

  /** Or why there is none. */
  static async find(): Promise<Deployment | string> {
    if (!(await isThere())) return `no LocalStack answers at ${ENDPOINT}`;
    const secrets = new SecretsManagerClient(client);
    const { SecretList = [] } = await secrets.send(new ListSecretsCommand({ MaxResults: 100 }));
    const secret = SecretList.find(({ Name }) => Name?.startsWith(`${NAME}-Data-OperatorPassword`));
    const { stateMachines = [] } = await new SFNClient(client).send(new ListStateMachinesCommand({}));
    const machine = stateMachines.find(({ name }) => name === `${NAME}-run`)?.stateMachineArn;
    if (secret?.ARN === undefined || machine === undefined) return 'nothing is deployed: npm run deploy:local';
    const { SecretString = '{}' } = await secrets.send(new GetSecretValueCommand({ SecretId: secret.ARN }));
    return new Deployment(String(JSON.parse(SecretString).password), machine);
  }

  async operator(method: string, path: string, expect: number, body?: unknown): Promise<JsonObject> {
    const ask = () =>
      fetch(`${OPERATOR_URL}${path}`, {
        method,
        headers: {
          authorization: this.#authorization,
          'content-type': 'application/json',
          'x-openstack-ironic-api-version': '1.110',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    let response = await ask();
    // As Ironic's clients do: an emulator on a busy machine may let a function wait too long.
    for (let tries = 1; response.status === 503 && tries < 5; tries += 1) {
      await response.body?.cancel();
      await sleep(2000);
      response = await ask();
    }
    const text = await response.text();
    if (response.status !== expect) throw new Error(`${method} ${path}: ${response.status}, not ${expect}: ${text}`);
    return text === '' ? {} : (JSON.parse(text) as JsonObject);
  }

  ask(uuid: string, target: string): Promise<JsonObject> {
    return this.operator('PUT', `/v1/nodes/${uuid}/states/provision`, 202, { target });
  }

  reached(uuid: string, state: string, seconds = 300): Promise<JsonObject> {
    return until(
      `${uuid} to be ${state}`,
      async () => {
        const node = await this.operator('GET', `/v1/nodes/${uuid}`, 200);
        const failed = String(node['provision_state']).endsWith('failed');
        if (failed) throw new Error(`${node['provision_state']}: ${node['last_error']}`);
        return node['provision_state'] === state ? node : undefined;
      },
      seconds,
    );
  }

  async available(body: JsonObject): Promise<string> {
    const uuid = String((await this.operator('POST', '/v1/nodes', 201, body))['uuid']);
    await this.ask(uuid, 'manage');
    await this.reached(uuid, 'manageable');
    await this.ask(uuid, 'provide');
    await this.reached(uuid, 'available');
    return uuid;
  }

  /** Of every execution that a node has had. */
  async histories(uuid: string): Promise<{ status: string; history: string }[]> {
    const { executions = [] } = await this.#sfn.send(
      new ListExecutionsCommand({ stateMachineArn: this.#machine, maxResults: 1000 }),
    );
    const own = executions.filter(({ name }) => name?.startsWith(uuid));
    return Promise.all(
      own.map(async ({ executionArn, status = '' }) => {
        const { events } = await this.#sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
        return { status, history: JSON.stringify(events) };
      }),
    );
  }
}
