import { spawnSync } from 'node:child_process';
import { started, stop } from './start.ts';

const UNCHANGED = 'deploy:local, again';

/** npm run check:localstack: the whole way, for CI. A second deployment must change nothing, and nothing goes on running. */
const there = await started();
if ('by' in there) {
  process.exitCode = way();
  if (there.by !== 'somebody else') await stop();
} else {
  process.stdout.write(`skipped: ${there.skipped}. infra/README.md tells how to get one.\n`);
}

function way(): number {
  for (const script of ['deploy:local', UNCHANGED, 'test:localstack', 'destroy:local']) {
    const { status, stderr } = spawnSync('npm', ['run', '--silent', script === UNCHANGED ? 'deploy:local' : script], {
      stdio: ['ignore', 'inherit', script === UNCHANGED ? 'pipe' : 'inherit'],
      encoding: 'utf8',
    });
    if (status !== 0) return status ?? 1;
    if (script === UNCHANGED && (stderr.match(/NodelessLocal\S* \(no changes\)/g) ?? []).length !== 2) {
      process.stderr.write(`${stderr}\nThe second deployment of the same source changed something.\n`);
      return 1;
    }
  }
  return 0;
}
