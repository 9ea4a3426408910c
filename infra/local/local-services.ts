import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { backgroundHere } from '../../functions/background.ts';
import type { Services } from '../../functions/services.ts';
import { publishHandler } from '../../functions/stream/publish.ts';
import { wireServices } from '../../functions/wire.ts';
import { advanceHandler } from '../../functions/workflow/advance.ts';
import { expireHandler } from '../../functions/workflow/expire.ts';
import { makeClient } from '../../shared/adapters/dynamodb/client.ts';
import { DynamoCounters } from '../../shared/adapters/dynamodb/counters.ts';
import { createTables } from '../../shared/adapters/dynamodb/create-tables.ts';
import { DynamoIdentityIndex } from '../../shared/adapters/dynamodb/identity-index.ts';
import { DynamoNodeStore } from '../../shared/adapters/dynamodb/node-store.ts';
import { DynamoPortStore } from '../../shared/adapters/dynamodb/port-store.ts';
import { DynamoResourceStore } from '../../shared/adapters/dynamodb/resource-store.ts';
import { DynamoSecretStore } from '../../shared/adapters/dynamodb/secret-store.ts';
import { DynamoSessionStore } from '../../shared/adapters/dynamodb/session-store.ts';
import type { TableNames } from '../../shared/adapters/dynamodb/tables.ts';
import { configuredHooks } from '../../shared/adapters/hook/configured-hooks.ts';
import { httpReach } from '../../shared/adapters/reach/http-reach.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Configuration } from '../../shared/configuration.ts';
import type { EventBus } from '../../shared/events/published-event.ts';
import { measuredHooks } from '../../shared/hook/measured-hooks.ts';
import type { Log } from '../../shared/log.ts';
import type { Metrics } from '../../shared/metrics/metrics.ts';
import { newUuid } from '../../shared/resource/new-uuid.ts';
import { startEngine } from './dynamodb-engine.ts';
import { eventFile } from './event-file.ts';
import { type Followed, followEvents } from './event-stream.ts';
import { FolderDocuments } from './folder-documents.ts';
import { lockFolder } from './folder-lock.ts';
import { hookSecrets } from './hook-secrets.ts';
import { tokenKeyOf } from './token-key.ts';
import { LocalWorkflow } from './workflow-runner.ts';

const TABLE_NAMES: TableNames = { nodes: 'nodeless-nodes', agents: 'nodeless-agents', secrets: 'nodeless-secrets' };

export interface LocalServices {
  services: Services;
  workflow: LocalWorkflow;
  /** Of the DynamoDB engine, for whoever wants to look. */
  endpoint: string;
  close(): Promise<void>;
}

/** The adapters of this machine, joined. Without a data folder nothing outlives `close`. */
export async function localServices(given: {
  dataFolder: string | undefined;
  configuration: Configuration;
  log: Log;
  timeScale?: number | undefined;
  metrics: Metrics;
  secretOf?: ((reference: string) => Promise<string>) | undefined;
  /** Where events go; default: a file in the data folder. */
  bus?: EventBus | undefined;
  onDatabaseLost?: ((why: string) => void) | undefined;
}): Promise<LocalServices> {
  const { dataFolder, configuration, log, metrics } = given;
  const bus = given.bus ?? (dataFolder === undefined ? undefined : eventFile(dataFolder));
  let followed: Followed | undefined;
  const unlock = dataFolder === undefined ? () => undefined : await lockFolder(dataFolder);
  const tokenKey = tokenKeyOf(dataFolder);
  const engine = await startEngine({ dataFolder, log, onLost: given.onDatabaseLost }).catch((error: unknown) => {
    unlock();
    throw error;
  });
  const client = makeClient(engine.endpoint);
  const documentFolder = dataFolder ? join(dataFolder, 'documents') : await mkdtemp(join(tmpdir(), 'nodeless-'));
  const workflow = new LocalWorkflow(given.timeScale === undefined ? {} : { timeScale: given.timeScale });
  const close = async () => {
    await workflow.stop();
    await followed?.close();
    client.destroy();
    await engine.close();
    unlock();
    if (!dataFolder) await rm(documentFolder, { recursive: true, force: true });
  };
  try {
    await createTables(client, TABLE_NAMES);
    if (bus) {
      const publish = publishHandler({ bus, log, metrics });
      followed = await followEvents({ endpoint: engine.endpoint, table: TABLE_NAMES.nodes, publish, log });
    }
  } catch (error) {
    await close();
    throw error;
  }
  const wired = wireServices({
    nodes: new DynamoNodeStore(client, TABLE_NAMES),
    ports: new DynamoPortStore(client, TABLE_NAMES),
    resources: new DynamoResourceStore(client, TABLE_NAMES),
    identity: new DynamoIdentityIndex(client, TABLE_NAMES),
    sessions: new DynamoSessionStore(client, TABLE_NAMES),
    counters: new DynamoCounters(client, TABLE_NAMES),
    secrets: new DynamoSecretStore(client, TABLE_NAMES),
    documents: new FolderDocuments(documentFolder),
    workflow,
    reach: httpReach,
    clock: systemClock,
    ids: { uuid: newUuid },
    configuration,
    tokenKey,
    log,
    metrics,
    hooks: measuredHooks(
      configuredHooks({
        targets: configuration.hooks,
        secretOf: given.secretOf ?? hookSecrets(),
        lambda: () => new LambdaClient({ maxAttempts: 1 }),
        clock: systemClock,
      }),
      metrics,
      systemClock,
    ),
  });
  const services = { ...wired, background: backgroundHere(wired) };
  workflow.bind({ advance: advanceHandler(services), expire: expireHandler(services) });
  return { services, workflow, endpoint: engine.endpoint, close };
}
