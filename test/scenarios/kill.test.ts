import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { quietPort } from '../../infra/local/quiet-port.ts';
import { Rack } from '../rack/rack.ts';
import { until } from '../until.ts';
import { CONFIGURATION, IMAGE } from './stage.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HEADERS = { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.110' };

interface Served {
  child: ChildProcess;
  operator: string;
  agent: string;
}

async function serve(env: Record<string, string>): Promise<Served> {
  const child = spawn('npm', ['start'], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const url = (api: string) => new RegExp(`${api} API\\s+(http://\\S+)`).exec(text)?.[1];
  const ready = until('npm start to be ready', async () => {
    const [operator, agent] = [url('operator'), url('agent')];
    return operator && agent && text.includes('ready') ? { child, operator, agent } : undefined;
  });
  // Else it would keep this process alive.
  ready.catch(() => child.kill('SIGKILL'));
  return ready;
}

/** What a person kills is npm: what it started must end without being told. */
async function kill({ child, operator }: Served, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  const gone = () =>
    fetch(operator).then(
      () => false,
      () => true,
    );
  await until('the server to be gone', gone, 10);
}

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  it(`a deploy is finished although npm start was killed with ${signal} in the middle`, () => finishedAfter(signal));
}

async function finishedAfter(signal: NodeJS.Signals): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nodeless-test-'));
  const configuration = join(folder, 'nodeless.json');
  await writeFile(configuration, JSON.stringify(CONFIGURATION));
  const env = {
    NODELESS_DATA: join(folder, 'data'),
    NODELESS_CONFIG: configuration,
    // Free still when it comes back.
    NODELESS_OPERATOR_PORT: String(await quietPort()),
    NODELESS_AGENT_PORT: String(await quietPort()),
  };
  let served = await serve(env);
  const rack = new Rack({ apiUrl: served.agent, timeScale: 20, writeSeconds: 60, random: () => 0.5, inspect: true });
  const call = async (method: string, path: string, body?: unknown) => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${served.operator}${path}`, { method, headers: HEADERS, ...init });
    assert.ok(response.ok, `${method} ${path}: ${response.status}`);
    const text = await response.text();
    return text === '' ? {} : JSON.parse(text);
  };
  try {
    // A stranger: it enrols itself, and is deployed from where it stands.
    const machine = rack.add({ macs: ['52:54:00:00:20:01'], serial: 'S1' });
    machine.powerOn();
    const uuid = await until('the machine to beat', async () =>
      machine.state === 'ramdisk' ? machine.uuid : undefined,
    );
    await call('PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/instance_info', value: IMAGE }]);
    await call('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'active' });
    const begun = () => machine.commandsSeen.filter(({ name }) => name === 'deploy.execute_deploy_step').length;
    await until('the image to be written', async () => begun() > 0);
    await kill(served, signal);
    served = await serve(env);
    await until(
      'the node to be active',
      async () => {
        const node = await call('GET', `/v1/nodes/${uuid}`);
        assert.ok(!String(node.provision_state).endsWith('failed'), node.last_error);
        return node.provision_state === 'active';
      },
      120,
    );
    assert.equal(begun(), 1, 'the image was written once');
  } finally {
    await rack.close();
    await kill(served, 'SIGTERM');
    // The engine writes its last pages when the server is gone already.
    await rm(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
  }
}
