import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** Generous: an agent is a Python program, and needs half a minute to start on a machine that has much to do. */
const PATIENCE_SECONDS = 300;

export interface NodeDocument {
  uuid: string;
  provision_state: string;
  last_error: string | null;
  driver: string;
  properties: Record<string, unknown>;
}

/** An operator with curl: the few calls that the tests need. */
export class Operator {
  readonly #url: string;
  constructor(url: string) {
    this.#url = url;
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { 'X-OpenStack-Ironic-API-Version': '1.95', 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  node(uuid: string): Promise<NodeDocument> {
    return this.call('GET', `/v1/nodes/${uuid}`);
  }

  async nodes(): Promise<NodeDocument[]> {
    const { nodes } = await this.call<{ nodes: NodeDocument[] }>('GET', '/v1/nodes/detail');
    return nodes;
  }

  /** A node of a pretended machine with a real agent, ready for a deploy. */
  async register(mac: string, instanceInfo: object): Promise<string> {
    const { uuid } = await this.call<NodeDocument>('POST', '/v1/nodes', {
      driver: 'fake-hardware',
      deploy_interface: 'direct',
      instance_info: instanceInfo,
    });
    await this.call('POST', '/v1/ports', { node_uuid: uuid, address: mac });
    await this.makeAvailable(uuid);
    return uuid;
  }

  async makeAvailable(uuid: string): Promise<void> {
    await this.provision(uuid, 'manage');
    await this.until(uuid, 'manageable');
    await this.provision(uuid, 'provide');
    await this.until(uuid, 'available');
  }

  provision(uuid: string, target: string): Promise<void> {
    return this.call('PUT', `/v1/nodes/${uuid}/states/provision`, { target });
  }

  async until(uuid: string, state: string, seconds = PATIENCE_SECONDS): Promise<NodeDocument> {
    for (const end = Date.now() + seconds * 1000; ; await sleep(200)) {
      const node = await this.node(uuid);
      if (node.provision_state === state) return node;
      const lost = Date.now() > end || (node.provision_state.endsWith('failed') && !state.endsWith('failed'));
      assert.ok(!lost, `${node.provision_state} and not ${state}: ${node.last_error}`);
    }
  }
}

export async function eventually(
  what: string,
  condition: () => Promise<boolean> | boolean,
  seconds = PATIENCE_SECONDS,
) {
  for (const end = Date.now() + seconds * 1000; !(await condition()); await sleep(200)) {
    assert.ok(Date.now() < end, `not within ${seconds} s: ${what}`);
  }
}
