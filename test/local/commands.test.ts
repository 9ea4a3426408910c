import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { childrenOf } from '../processes.ts';
import { until } from '../until.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const answers = (url: string) =>
  fetch(url).then(
    () => true,
    () => false,
  );

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'nodeless-test-'));
  t.after(() => rmSync(path, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 }));
  return path;
}

/** A command of the clone, its output so far, and its end. */
function command(t: TestContext, args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, ...env } });
  t.after(() => child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const says = async (pattern: RegExp) => {
    while (!pattern.test(output.stdout)) await once(child.stdout, 'data');
    return output.stdout;
  };
  return { child, output, says, exited: once(child, 'close').then(([code]) => code as number | null) };
}

describe('the launcher', () => {
  const launcher = 'infra/local/ensure-installed.mjs';

  it('passes on arguments, output and exit status, and adds nothing to stdout', async (t) => {
    const { exited, output } = command(t, [
      launcher,
      '-p',
      'process.exitCode = 7; process.versions.node.split(".")[0]',
    ]);
    assert.equal(await exited, 7);
    assert.equal(output.stdout, '24\n');
  });

  it('passes on signals', async (t) => {
    const script = 'setInterval(() => {}, 1e3); process.on("SIGTERM", () => process.exit(5)); console.log("up")';
    const { child, says, exited } = command(t, [launcher, '-e', script]);
    await says(/up/);
    child.kill('SIGTERM');
    assert.equal(await exited, 5);
  });
});

describe('npm run demo', () => {
  it('works, and its last table tells the three machines apart and how each was found', async (t) => {
    const { exited, output } = command(t, ['infra/local/demo.ts']);
    assert.equal(await exited, 0, output.stderr);
    const rows = output.stdout.split('\n').filter((line) => line.startsWith('│ MACHINE'));
    const cells = rows.map((row) => row.split('│').map((cell) => cell.trim()));
    assert.deepEqual(
      cells.map((row) => [row[1], row[3], row[4]]),
      [
        ['MACHINE-1', 'active', 'by MAC 52:54:00:00:00:01'],
        ['MACHINE-2', 'active', 'by serial number MACHINE-2; 2 MACs learned'],
        ['MACHINE-3', 'active', 'nobody knew it: enrolled'],
      ],
    );
    assert.equal(new Set(cells.map((row) => row[2])).size, 3);
    assert.ok(rows.every((row) => row.length <= 100));
  });
});

describe('the lock file', () => {
  interface Locked {
    integrity?: string;
    resolved?: string;
    inBundle?: boolean;
    optionalDependencies?: Record<string, string>;
  }
  const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')) as {
    packages: Record<string, Locked>;
  };

  it('has the packages of every platform, as npm ci demands', () => {
    const known = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')));
    const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
      Object.keys(optionalDependencies),
    );
    assert.ok(wanted.length > 50);
    assert.deepEqual(
      wanted.filter((name) => !known.has(name)),
      [],
    );
  });

  it('has a hash of each package and the address of no registry', () => {
    for (const [path, { integrity, resolved, inBundle }] of Object.entries(packages)) {
      if (path !== '' && !inBundle) assert.match(integrity ?? '', /^sha512-/, path);
      assert.equal(resolved, undefined, path);
    }
  });
});

describe('npm start', () => {
  const main = 'infra/local/main.ts';
  const env = { NODELESS_DATA: 'memory', NODELESS_OPERATOR_PORT: '0', NODELESS_AGENT_PORT: '0' };

  it('prints both URLs when they answer, and ends at a signal', async (t) => {
    const { child, says, exited } = command(t, [main], env);
    const urls = (await says(/ready/)).match(/http:\/\/127\.0\.0\.1:\d+/g) ?? [];
    assert.equal(urls.length, 2);
    for (const url of urls) assert.equal((await fetch(`${url}/`)).status, 200);
    child.kill('SIGTERM');
    assert.equal(await exited, 0);
  });

  it('ends when its launcher is killed, which can say nothing any more', { timeout: 60_000 }, async (t) => {
    const { child, says } = command(t, ['infra/local/ensure-installed.mjs', main], env);
    const [url = ''] = (await says(/ready/)).match(/http:\/\/127\.0\.0\.1:\d+/g) ?? [];
    child.kill('SIGKILL');
    await until('the server to be gone', async () => !(await answers(url)));
  });

  it('ends in good order at a Ctrl-C, which reaches npm and all below it', async (t) => {
    const dataFolder = folder(t);
    const npm = spawn('npm', ['start'], {
      cwd: root,
      env: { ...process.env, ...env, NODELESS_DATA: dataFolder },
      stdio: ['ignore', 'pipe', 'inherit'],
      // A process group of its own, as a shell makes one.
      detached: true,
    });
    const everybody = -(npm.pid ?? assert.fail('npm did not start'));
    const ended = once(npm, 'exit');
    t.after(() => npm.exitCode === null && npm.signalCode === null && process.kill(everybody, 'SIGKILL'));
    let text = '';
    npm.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await until('npm start to be ready', async () => text.includes('ready'));
    const [url = ''] = text.match(/http:\/\/127\.0\.0\.1:\d+/g) ?? [];
    assert.ok(existsSync(join(dataFolder, 'lock')));
    process.kill(everybody, 'SIGINT');
    await ended;
    await until('the server to be gone', async () => !(await answers(url)));
    assert.equal(existsSync(join(dataFolder, 'lock')), false, 'the folder is free');
  });

  it('does not share its data folder with another one', async (t) => {
    const shared = { ...env, NODELESS_DATA: folder(t) };
    const first = command(t, [main], shared);
    await first.says(/ready/);
    const second = command(t, [main], shared);
    assert.equal(await second.exited, 1);
    const why = `another Nodeless (pid ${first.child.pid}) uses ${shared.NODELESS_DATA}`;
    assert.equal(second.output.stderr, `nodeless: ${why}; end it or set NODELESS_DATA to another folder\n`);
    first.child.kill('SIGKILL');
    await first.exited;
    const third = command(t, [main], shared);
    await third.says(/ready/);
  });

  it('ends with a clear line when the engine that keeps its data in memory dies', { timeout: 60_000 }, async (t) => {
    const { child, says, exited, output } = command(t, [main], env);
    await says(/ready/);
    const [engine = assert.fail('no engine')] = childrenOf(child.pid ?? 0);
    process.kill(engine, 'SIGKILL');
    assert.equal(await exited, 1);
    assert.match(output.stderr, /^nodeless: the DynamoDB engine ended \(SIGKILL\).*start anew$/m);
  });

  it('says in one line why it does not start', async (t) => {
    const { exited, output } = command(t, [main], { ...env, NODELESS_HOST: '0.0.0.0' });
    assert.equal(await exited, 1);
    assert.match(output.stderr, /^nodeless: .*NODELESS_AUTH=basic.*\n$/);
  });
});
