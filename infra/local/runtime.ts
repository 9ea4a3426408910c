import { isIP } from 'node:net';
import type { ServeOptions } from '../../functions/api.ts';
import { sweepHandler } from '../../functions/schedule/sweep.ts';
import type { Services } from '../../functions/services.ts';
import type { GivenConfiguration } from '../../shared/configuration.ts';
import { InvalidInput } from '../../shared/errors.ts';
import type { EventBus } from '../../shared/events/published-event.ts';
import type { Log } from '../../shared/log.ts';
import { servedApis } from './apis.ts';
import { localConfiguration } from './configuration.ts';
import { CountedMetrics } from './counted-metrics.ts';
import { localServices } from './local-services.ts';
import { ownNames } from './own-names.ts';
import { publicUrls } from './public-urls.ts';
import { type Listening, listen } from './server.ts';
import type { LocalWorkflow } from './workflow-runner.ts';

export interface RuntimeOptions {
  /** 0 = any free one. */
  operatorPort: number;
  agentPort: number;
  host: string;
  /** Keeps the data; without it everything is in memory. */
  dataFolder?: string | undefined;
  configuration?: GivenConfiguration | undefined;
  publicUrl?: string | undefined;
  trustProxy?: boolean;
  /** Of the operator API. Without it everybody is an administrator, and only loopback is served. */
  authenticate?: ServeOptions['authenticate'] | undefined;
  log: Log;
  /** The value behind a reference to a hook's secret; default: files only. */
  secretOf?: ((reference: string) => Promise<string>) | undefined;
  /** Shortens the pauses of runs, for tests and the demo. */
  timeScale?: number;
  sweepSeconds?: number;
  /** Where events go; default: `events.ndjson` in the data folder. */
  bus?: EventBus | undefined;
  /** The DynamoDB engine ended and cannot be had again; default: the log says so. */
  onDatabaseLost?: ((why: string) => void) | undefined;
}
export interface Runtime {
  operatorUrl: string;
  agentUrl: string;
  services: Services;
  workflow: LocalWorkflow;
  /** Counts since the start. */
  metrics: CountedMetrics;
  /** Of the DynamoDB engine. */
  databaseUrl: string;
  close(): Promise<void>;
}

const SWEEP_SECONDS = 15;

/** Both APIs, the workflow and the sweeper on this machine. */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  if (!options.authenticate && !isLoopback(options.host)) {
    throw new InvalidInput(
      `The operator API will not listen on ${options.host} without authentication: ` +
        'set NODELESS_AUTH=basic with NODELESS_AUTH_FILE, or NODELESS_HOST=127.0.0.1',
    );
  }
  const { log } = options;
  const configuration = localConfiguration(options.configuration);
  const metrics = new CountedMetrics();
  const local = await localServices({ ...options, dataFolder: options.dataFolder, configuration, metrics });
  const servers: Listening[] = [];
  const close = async () => {
    clearInterval(sweeper);
    await Promise.all(servers.map((server) => server.close()));
    await sweeping;
    await local.close();
  };
  let sweeper: NodeJS.Timeout | undefined;
  let sweeping: Promise<unknown> = Promise.resolve();
  try {
    const apis = servedApis(local.services, {
      ...(options.authenticate && { authenticate: options.authenticate }),
      log,
      metrics,
    });
    const urls = publicUrls(options);
    for (const api of ['operator', 'agent'] as const) {
      const port = api === 'operator' ? options.operatorPort : options.agentPort;
      const { host, trustProxy = false } = options;
      // A proxy in front may call us as it likes; who may call the proxy is its own business.
      const open = api === 'operator' && !options.authenticate && !trustProxy;
      const isOurs = open ? ownNames(options.publicUrl) : undefined;
      servers.push(await listen({ host, port, trustProxy, publicUrl: urls[api], serve: apis[api], isOurs, log }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const sweep = sweepHandler(local.services);
  const everySeconds = options.sweepSeconds ?? SWEEP_SECONDS;
  let swept = true;
  const sweepNow = () => {
    if (!swept) return;
    swept = false;
    sweeping = sweep({ everySeconds })
      .catch((error: Error) => log.error('sweep failed', { error: error.name, reason: error.message }))
      .finally(() => {
        swept = true;
      });
  };
  sweepNow();
  sweeper = setInterval(sweepNow, everySeconds * 1000);
  const [operator, agent] = servers as [Listening, Listening];
  const { services, workflow, endpoint: databaseUrl } = local;
  return { operatorUrl: operator.url, agentUrl: agent.url, services, workflow, metrics, databaseUrl, close };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
