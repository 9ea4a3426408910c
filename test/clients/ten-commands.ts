import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { silentLog } from '../../infra/local/console-log.ts';
import { type Runtime, startRuntime } from '../../infra/local/runtime.ts';
import { Rack } from '../rack/rack.ts';
import { pythonEnvironment } from './python-environment.ts';

const PAGE = join(import.meta.dirname, '../../functions/operator/README.md');
const run = promisify(execFile);

/** Lines of the section's shell blocks, continued ones joined. */
function shellLines(page: string): string[] {
  const [section = ''] = (page.split('\n## Ten commands')[1] ?? '').split('\n## ');
  const blocks = [...section.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block);
  const lines = blocks
    .join('')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n');
  return lines.filter((line) => line.trim() !== '');
}

const LINES = shellLines(readFileSync(PAGE, 'utf8'));
const EXPORTS = LINES.filter((line) => line.startsWith('export '));
const COMMANDS = LINES.filter((line) => line.startsWith('openstack '));

describe('the page with ten commands', () => {
  it('has ten of them, and two variables', () => {
    assert.equal(COMMANDS.length, 10);
    assert.deepEqual(
      EXPORTS.map((line) => /^export ([A-Z_]+)=/.exec(line)?.[1]),
      ['OS_AUTH_TYPE', 'OS_ENDPOINT'],
    );
    assert.equal(LINES.length, COMMANDS.length + EXPORTS.length, 'nothing else is told to be typed');
  });
});

const requirements = join(import.meta.dirname, 'requirements.txt');
const installed = pythonEnvironment({ name: 'clients', requirements, program: 'openstack' });
const skip = 'skipped' in installed && `skipped: ${installed.skipped}`;

describe('openstack baremetal, as the page says', { skip }, () => {
  let runtime: Runtime;
  let rack: Rack;
  let home: string;
  before(async () => {
    runtime = await startRuntime({
      operatorPort: 0,
      agentPort: 0,
      host: '127.0.0.1',
      log: silentLog,
      timeScale: 1 / 20,
    });
    rack = new Rack({ apiUrl: runtime.agentUrl, timeScale: 20 });
    rack.add({ serial: 'ABC1234', macs: ['52:54:00:00:00:07'], inspect: true });
    home = mkdtempSync(join(tmpdir(), 'nodeless-clients-'));
  });
  after(async () => {
    await rack.close();
    await runtime.close();
    rmSync(home, { recursive: true, force: true });
  });

  async function shell(command: string): Promise<string> {
    assert.ok('executable' in installed);
    const PATH = [dirname(installed.executable), process.env.PATH].join(delimiter);
    const env = { PATH, HOME: home, OS_AUTH_TYPE: 'none', OS_ENDPOINT: runtime.operatorUrl };
    const { stdout } = await run('sh', ['-c', command], { env, cwd: home, timeout: 300_000 });
    return stdout;
  }
  const state = async () =>
    (await shell('openstack baremetal node show rack1-u7 --fields provision_state -f value')).trim();

  for (const command of COMMANDS) {
    it(command, async () => {
      // What a person does at this point of the page.
      if (command.includes(' node deploy ')) rack.powerOn('ABC1234');
      const shown = await shell(command);
      if (!command.includes(' node deploy ')) return;
      assert.equal(await state(), 'active', shown);
    });
  }

  it('ends with a machine that was told to write its image', async () => {
    assert.equal(await state(), 'active');
    const commands = rack.machine('ABC1234').commandsSeen.map(({ name }) => name);
    assert.ok(commands.length > 0, 'the machine was commanded');
    assert.match(await shell('openstack baremetal node history list rack1-u7'), /active|deploy/);
  });
});
