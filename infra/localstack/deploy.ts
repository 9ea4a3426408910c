import { cdklocal } from './cdklocal.ts';
import { AGENT_URL, ENDPOINT, isThere, OPERATOR_URL } from './settings.ts';

/** npm run deploy:local: the same app as on AWS, into a LocalStack that runs already. */
async function deploy(): Promise<number> {
  if (!(await isThere())) {
    process.stderr.write(`No LocalStack answers at ${ENDPOINT}: start one, or set AWS_ENDPOINT_URL.\n`);
    return 1;
  }
  const bootstrapped = await cdklocal('bootstrap', 'aws://000000000000/us-east-1', '--quiet');
  if (bootstrapped.code !== 0) return bootstrapped.code;
  const deployed = await cdklocal('deploy', '--all', '--require-approval', 'never', '--progress', 'events');
  if (deployed.code !== 0) return deployed.code;
  // LocalStack counts a resource type that it lacks as deployed; only this word tells.
  if (deployed.output.includes('deployed as a fallback')) {
    process.stderr.write('LocalStack lacks a resource type of the template, see "deployed as a fallback" above.\n');
    return 1;
  }
  process.stdout.write(`agent API     ${AGENT_URL}\noperator API  ${OPERATOR_URL}\n`);
  return 0;
}

process.exitCode = await deploy();
