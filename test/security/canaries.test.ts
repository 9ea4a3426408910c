import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { hashSync } from 'bcryptjs';
import { basicAuthentication } from '../../infra/local/basic-auth.ts';
import { type Runtime, startRuntime } from '../../infra/local/runtime.ts';
import { makeClient } from '../../shared/adapters/dynamodb/client.ts';
import type { JsonObject } from '../../shared/json.ts';
import { executionOf } from '../../shared/run/workflow-port.ts';
import { Rack } from '../rack/rack.ts';
import { CONFIGURATION, IMAGE } from '../scenarios/stage.ts';
import { until } from '../until.ts';
import { CANARIES, wordsIn } from './canaries.ts';

/** The main flows with secrets that are easy to find again, and then a look at everything that was written. */
describe('planted secrets', () => {
  const logged: string[] = [];
  const answers: string[] = [];
  const started: string[] = [];
  let folder = '';
  let runtime: Runtime;
  let rack: Rack;
  let words: string[] = [];

  const keep = (message: string, fields: unknown) => void logged.push(JSON.stringify({ message, fields }));
  const log = { info: keep, warn: keep, error: keep };

  async function operator(method: string, path: string, body?: unknown, password: string = CANARIES.operatorPassword) {
    const response = await fetch(`${runtime.operatorUrl}${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`,
        'content-type': 'application/json',
        'x-openstack-ironic-api-version': '1.110',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    answers.push(`${method} ${path} ${response.status} ${JSON.stringify([...response.headers])} ${text}`);
    return { status: response.status, json: (text === '' ? {} : JSON.parse(text)) as JsonObject };
  }

  const reached = (uuid: string, state: string) =>
    until(state, async () => (await operator('GET', `/v1/nodes/${uuid}`)).json['provision_state'] === state);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodeless-canaries-'));
    const users = new Map([['admin', { hash: hashSync(CANARIES.operatorPassword, 4), role: 'admin' as const }]]);
    runtime = await startRuntime({
      operatorPort: 0,
      agentPort: 0,
      host: '127.0.0.1',
      dataFolder: folder,
      configuration: CONFIGURATION,
      authenticate: basicAuthentication(() => users),
      log,
      timeScale: 1 / 20,
    });
    const start = runtime.workflow.start.bind(runtime.workflow);
    runtime.workflow.start = async (input) => {
      started.push(executionOf(input).name);
      return start(input);
    };
    rack = new Rack({ apiUrl: runtime.agentUrl, timeScale: 20, random: () => 0.5 });
    await play();
  });

  after(async () => {
    await rack?.close();
    await runtime?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function play(): Promise<void> {
    const machine = rack.add({ macs: ['52:54:00:00:ca:01'], serial: 'CANARY1', inspect: true });
    machine.powerOn();
    const uuid = await until('its node', async () => (machine.token ? machine.uuid : undefined));
    words = [...Object.values(CANARIES), machine.token ?? assert.fail('no token')];
    await operator('PATCH', `/v1/nodes/${uuid}`, [
      { op: 'add', path: '/driver_info/ipmi_password', value: CANARIES.bmcPassword },
      { op: 'add', path: '/instance_info', value: IMAGE },
    ]);
    await operator('PATCH', `/v1/nodes/${uuid}`, [
      { op: 'add', path: '/driver_info/redfish_password', value: CANARIES.bmcPassword },
      { op: 'add', path: '/driver', value: 'no-such-driver' },
    ]);
    await operator('GET', '/v1/nodes', undefined, CANARIES.wrongPassword);
    const configdrive = gzipSync(CANARIES.configdrive).toString('base64');
    words.push(configdrive);
    const asked = await operator('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'active', configdrive });
    assert.equal(asked.status, 202, JSON.stringify(asked.json));
    await reached(uuid, 'active');
    const rescue = { target: 'rescue', rescue_password: CANARIES.rescuePassword };
    const rescued = await operator('PUT', `/v1/nodes/${uuid}/states/provision`, rescue);
    assert.equal(rescued.status, 202, JSON.stringify(rescued.json));
    await reached(uuid, 'rescue wait');
    // What a person at the machine does: this driver switches no power.
    await machine.powerOff();
    machine.bootDevice = 'network';
    machine.powerOn();
    await reached(uuid, 'rescue');
    const fake = await operator('POST', '/v1/nodes', {
      driver: 'fake-hardware',
      driver_info: { fake_password: CANARIES.bmcPassword },
    });
    const passthru = `/v1/nodes/${fake.json['uuid']}/vendor_passthru`;
    await operator('POST', `${passthru}/first_method`, { bar: CANARIES.vendorArgument });
    await operator('POST', `${passthru}/no_such_method`, { bar: CANARIES.vendorArgument });
    const agent = (path: string, body: unknown) =>
      fetch(`${runtime.agentUrl}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.68' },
        body: JSON.stringify(body),
      }).then(async (response) => answers.push(`${path} ${response.status} ${await response.text()}`));
    const beat = { callback_url: 'https://169.254.169.254/', agent_version: '11', agent_token: machine.token };
    await agent(`/v1/heartbeat/${uuid}`, beat);
    await agent(`/v1/heartbeat/${uuid}`, { ...beat, agent_token: CANARIES.wrongPassword });
    const query = await fetch(`${runtime.agentUrl}/v1/lookup?addresses=52:54:00:00:ca:09&x=${CANARIES.query}`);
    answers.push(await query.text());
    for (const path of ['', '/history', '/states', '/inventory', '/validate']) {
      await operator('GET', `/v1/nodes/${uuid}${path}`);
    }
    await operator('GET', '/v1/nodes/detail');
  }

  it('are in no line of the log, which has a line for each of these calls', () => {
    assert.ok(logged.length > 20, `${logged.length} lines`);
    assert.deepEqual(
      logged.filter((line) => wordsIn(line, words).length > 0),
      [],
    );
  });

  it('are in no answer of the operator API and in none that refuses an agent', () => {
    assert.deepEqual(
      answers.filter((answer) => wordsIn(answer, words).length > 0),
      [],
    );
  });

  it('are in no row of the nodes and agents tables: claims, events and sessions included', async () => {
    const client = makeClient(runtime.databaseUrl);
    for (const TableName of ['nodeless-nodes', 'nodeless-agents']) {
      const { Items = [] } = await client.send(new ScanCommand({ TableName }));
      assert.ok(Items.length > 0);
      const leaking = Items.filter((item) => wordsIn(JSON.stringify(item), words).length > 0);
      assert.deepEqual(
        leaking.map((item) => Object.values(item).slice(0, 2)),
        [],
        TableName,
      );
    }
    const { Items: secrets = [] } = await client.send(new ScanCommand({ TableName: 'nodeless-secrets' }));
    assert.ok(wordsIn(JSON.stringify(secrets), [CANARIES.bmcPassword]).length === 1, 'the search finds what is there');
    client.destroy();
  });

  it('are in no input of an execution and in nothing that its states received or returned', () => {
    const histories = started.map((name) => JSON.stringify(runtime.workflow.history(name)));
    assert.ok(histories.length > 1 && histories.every((history) => history.includes('Advance')));
    assert.deepEqual(
      histories.filter((history) => wordsIn(history, words).length > 0),
      [],
    );
  });

  it('are in no document and no published event, but for the config drive, which is one', async () => {
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    const leaking: string[] = [];
    for (const file of files.filter((one) => one.isFile() && /documents|ndjson/.test(join(one.parentPath, one.name)))) {
      const path = join(file.parentPath, file.name);
      const text = await readFile(path, 'utf8');
      if (wordsIn(text, words).length > 0 && !path.includes('configdrives')) leaking.push(path);
    }
    assert.deepEqual(leaking, []);
  });
});

describe('the run that watches what is printed', () => {
  const watched = (text: string) =>
    spawnSync(
      process.execPath,
      [resolve(import.meta.dirname, 'watched-run.ts'), '-e', `process.stdout.write(${text})`],
      {
        encoding: 'utf8',
      },
    );

  it('fails when a canary is printed, also in base64, and says which', () => {
    const word = CANARIES.bmcPassword.split('-')[0] ?? '';
    const halves = (text: string) => `${JSON.stringify(text.slice(0, 4))} + ${JSON.stringify(text.slice(4))}`;
    for (const printed of [word, Buffer.from(word).toString('base64')]) {
      const { status, stderr } = watched(halves(printed));
      assert.equal(status, 1);
      assert.match(stderr, /A secret of the tests was printed/);
    }
  });

  it('ends as what it watches ends', () => {
    assert.equal(watched("'fine'").status, 0);
    assert.equal(watched("'no' + process.exit(3)").status, 3);
  });
});
