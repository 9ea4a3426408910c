import type { SessionStore } from '../shared/agent/session-store.ts';
import type { Clock } from '../shared/clock.ts';
import type { Configuration } from '../shared/configuration.ts';
import type { DocumentStore } from '../shared/documents.ts';
import type { Bmcs } from '../shared/drivers/bmcs.ts';
import type { Counters } from '../shared/enrollment/counters.ts';
import type { Hooks } from '../shared/hook/hook-port.ts';
import type { Log } from '../shared/log.ts';
import type { Metrics } from '../shared/metrics/metrics.ts';
import type { IdentityIndex, NodeStore, PortStore, SecretStore } from '../shared/node/node-store.ts';
import type { ResourceStore } from '../shared/resource/resource-store.ts';
import type { Reach } from '../shared/run/exchange-port.ts';
import type { Runs } from '../shared/run/runs.ts';
import type { Workflow } from '../shared/run/workflow-port.ts';
import type { Background } from '../shared/vendor/background.ts';
import type { ApiRequest, ApiResponse } from './http.ts';

/** Everything that a handler may be given. Each handler's builder takes a `Pick` of it; `wire.ts` makes it. */
export interface Services {
  nodes: NodeStore;
  ports: PortStore;
  resources: ResourceStore;
  identity: IdentityIndex;
  sessions: SessionStore;
  /** Shared by all processes. */
  counters: Counters;
  secrets: SecretStore;
  documents: DocumentStore;
  workflow: Workflow;
  reach: Reach;
  /** Over `reach`, with the passwords of `secrets`. */
  bmcs: Bmcs;
  runs: Runs;
  clock: Clock;
  ids: { uuid(): string };
  configuration: Configuration;
  /** K of design §3; only lookup, inspection and the run's exchanges get it. */
  tokenKey(): Promise<Uint8Array>;
  log: Log;
  /** The operator's own code; absent where none can be called. */
  hooks?: Hooks | undefined;
  /** Where async vendor calls go on; absent where a process is frozen with its answer and has nobody else. */
  background?: Background | undefined;
  metrics?: Metrics | undefined;
}

export type Handler = (request: ApiRequest) => Promise<ApiResponse>;
