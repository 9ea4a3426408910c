import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

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
        ['MACHINE-2', 'active', 'by serial number machine-2; 2 MACs learned'],
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

  it('says in one line why it does not start', async (t) => {
    const { exited, output } = command(t, [main], { ...env, NODELESS_HOST: '0.0.0.0' });
    assert.equal(await exited, 1);
    assert.match(output.stderr, /^nodeless: .*NODELESS_AUTH=basic.*\n$/);
  });
});
