import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { ApiRequest } from '../../functions/http.ts';
import { nodeHandlers } from '../../functions/operator/nodes.ts';
import { makeClient } from '../../shared/adapters/dynamodb/client.ts';
import { documents } from '../../shared/adapters/dynamodb/document.ts';
import { MemoryDocuments } from '../../shared/adapters/memory/documents.ts';
import { systemClock } from '../../shared/clock.ts';
import { keepConfigDrive } from '../../shared/configdrive/keep-config-drive.ts';
import { NotFound } from '../../shared/errors.ts';
import { newUuid } from '../../shared/resource/new-uuid.ts';
import { referredDocument, rescueSecretOf } from '../../shared/run/fill.ts';
import { keepRescuePassword } from '../../shared/run/rescue-password.ts';
import { dynamoStores, openEngine } from '../contract/engines.ts';
import { aMac, aNode, anEvent, aPort, type Stores } from '../contract/stores.ts';
import { UUID as DEPLOYED, DeploymentSite } from '../fakes/deployment-site.ts';
import { Crash, Life } from '../fakes/mortal.ts';
import { SimulatedWorkflow } from '../fakes/simulated-workflow.ts';

const MOMENT = '2026-01-01T00:00:00.000000+00:00';

/** A node with one of everything that can belong to it. */
async function furnished({ nodes, resources, secrets }: Stores) {
  const allocation = newUuid();
  const held = { allocation_uuid: allocation, instance_uuid: allocation, maintenance: true };
  const node = aNode({ name: `full-${allocation}`, properties: { serial_number: allocation }, ...held });
  await nodes.create(node, [aPort(node, aMac()), aPort(node, aMac())], [anEvent('enrolled')]);
  await secrets.put(node.uuid, { redfish_password: 'x' });
  await keepRescuePassword(node.uuid, 'open sesame', { secrets });
  const row = (fields: object) => ({
    uuid: newUuid(),
    version: 1,
    created_at: MOMENT,
    updated_at: null,
    schema: 1 as const,
    ...fields,
  });
  const owned = { node_uuid: node.uuid, name: `of-${allocation}`, address: null, connector_id: null, boot_index: 0 };
  await resources.create('portgroup', row(owned), [{ kind: 'portgroup_name', value: owned.name }]);
  await resources.create('volume_connector', row(owned), []);
  await resources.create('volume_target', row(owned), []);
  await resources.create(
    'allocation',
    { ...row({ name: null, state: 'active', node_uuid: node.uuid }), uuid: allocation },
    [],
  );
  return node.uuid;
}

/** Reads change nothing: whoever dies in one, died with the write before. */
function mortalInWrites(client: DynamoDBClient, life: Life): DynamoDBClient {
  client.middlewareStack.add(
    (next, context) => async (args) =>
      /Query|Get/.test(String(context.commandName)) ? next(args) : life.spend(() => next(args)),
    { step: 'initialize', name: 'mortal-in-writes' },
  );
  return client;
}

const asked = (node: string): ApiRequest => ({
  method: 'DELETE',
  path: `/v1/nodes/${node}`,
  params: { node },
  query: {},
  headers: {},
  body: undefined,
  publicUrl: 'http://public',
  sourceIp: '127.0.0.1',
  requestId: 'r',
  minor: 115,
  versioned: true,
  user: 'admin',
});

test('a removal that dies with any of its calls leaves nothing when it is asked for again', async () => {
  const engine = await openEngine();
  after(engine.close);
  const left = async (uuid: string) => {
    const scans = [engine.names.nodes, engine.names.agents, engine.names.secrets].map((TableName) =>
      documents(engine.client).send(new ScanCommand({ TableName, ConsistentRead: true })),
    );
    const items = (await Promise.all(scans)).flatMap(({ Items }) => Items ?? []);
    // What happened stays with nobody who could ask for it, when the very last call died.
    return items.filter((item) => JSON.stringify(item).includes(uuid) && !String(item.pk ?? '').startsWith('events#'));
  };
  const removed = async (uuid: string, life: Life) => {
    const client = mortalInWrites(makeClient(engine.endpoint), life);
    const handler = nodeHandlers({
      ...dynamoStores(client, engine.names),
      workflow: new SimulatedWorkflow(),
      documents: new MemoryDocuments(),
      clock: systemClock,
      ids: { uuid: newUuid },
    })['#remove'];
    return (await handler?.(asked(uuid)).finally(() => client.destroy()))?.status;
  };

  let crashes = 0;
  for (let last = 1; ; last += 1) {
    const uuid = await furnished(engine.stores);
    assert.ok((await left(uuid)).length >= 10);
    const first = await removed(uuid, new Life(last)).catch((error: unknown) => {
      if (!(error instanceof Crash)) throw error;
      return 'crashed';
    });
    if (first === 'crashed') {
      crashes += 1;
      const again = await removed(uuid, new Life(Number.POSITIVE_INFINITY)).catch((error: unknown) => {
        if (!(error instanceof NotFound)) throw error;
        return 404;
      });
      assert.ok(again === 204 || again === 404, String(again));
    }
    assert.deepEqual(await left(uuid), [], `after a crash with call ${last}`);
    if (first === 204) break;
  }
  assert.ok(crashes >= 5, `${crashes} crashes`);
});

test('a removal leaves neither config drive nor rescue password', async () => {
  const site = new DeploymentSite();
  const { documents, secrets } = site;
  const uuid = DEPLOYED;
  const drive = await keepConfigDrive(
    { user_data: 'hunter2' },
    { uuid, name: null },
    { documents, madeAt: new Date(0) },
  );
  await site.enrol('fake-hardware', { instance_info: { configdrive: drive }, maintenance: true });
  await keepRescuePassword(uuid, 'open sesame', { secrets });
  const key = referredDocument(drive) ?? '';
  assert.ok((await documents.get(key))?.length);
  const response = await nodeHandlers({ ...site.operatorServices(), documents, secrets })['#remove']?.(asked(uuid));
  assert.equal(response?.status, 204);
  assert.equal((await documents.get(key))?.length ?? 0, 0);
  assert.deepEqual(await secrets.get(rescueSecretOf(uuid)), {});
});
