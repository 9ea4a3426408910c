import { silentLog } from '../../infra/local/console-log.ts';
import { type Runtime, type RuntimeOptions, startRuntime } from '../../infra/local/runtime.ts';
import type { GivenConfiguration } from '../../shared/configuration.ts';
import type { JsonObject } from '../../shared/json.ts';
import { until } from '../until.ts';

export const IMAGE = {
  image_source: 'http://127.0.0.1/images/disk.raw',
  image_checksum: 'a'.repeat(64),
};
export const CONFIGURATION: GivenConfiguration = {
  enrollment: { unknown: 'enroll', driver: 'manual', state: 'available' },
  heartbeatIntervalSeconds: 60,
};

/** The local runtime with what a scenario says to it, over real HTTP. */
export class Stage {
  readonly runtime: Runtime;

  constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  static async open(options: Partial<RuntimeOptions> = {}): Promise<Stage> {
    const defaults = { operatorPort: 0, agentPort: 0, host: '127.0.0.1', configuration: CONFIGURATION, log: silentLog };
    return new Stage(await startRuntime({ ...defaults, timeScale: 1 / 20, ...options }));
  }

  async operator(method: string, path: string, expect: number, body?: unknown): Promise<JsonObject> {
    const response = await fetch(`${this.runtime.operatorUrl}${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.110' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status !== expect) throw new Error(`${method} ${path}: ${response.status}, not ${expect}: ${text}`);
    return text === '' ? {} : (JSON.parse(text) as JsonObject);
  }

  /** A node with one MAC, in `available`, that knows its image. */
  async nodeWith(mac: string, given: JsonObject = {}): Promise<string> {
    const body = { driver: 'manual', instance_info: IMAGE, ...given };
    const uuid = String((await this.operator('POST', '/v1/nodes', 201, body))['uuid']);
    await this.operator('POST', '/v1/ports', 201, { node_uuid: uuid, address: mac });
    for (const [target, state] of [
      ['manage', 'manageable'],
      ['provide', 'available'],
    ] as const) {
      await this.ask(uuid, target);
      await this.reached(uuid, state);
    }
    return uuid;
  }

  ask(uuid: string, target: string): Promise<JsonObject> {
    return this.operator('PUT', `/v1/nodes/${uuid}/states/provision`, 202, { target });
  }

  node(uuid: string): Promise<JsonObject> {
    return this.operator('GET', `/v1/nodes/${uuid}`, 200);
  }

  async reached(uuid: string, state: string, seconds = 60): Promise<JsonObject> {
    return until(
      `${uuid} to be ${state}`,
      async () => {
        const node = await this.node(uuid);
        const failed = String(node['provision_state']).endsWith('failed') && !state.endsWith('failed');
        if (failed) throw new Error(`${node['provision_state']}: ${node['last_error']}`);
        return node['provision_state'] === state ? node : undefined;
      },
      seconds,
    );
  }

  close(): Promise<void> {
    return this.runtime.close();
  }
}
