import { ENDPOINT } from './settings.ts';
import { started } from './start.ts';

/** npm run localstack:up */
const there = await started();
process.stdout.write(`${there === true ? `LocalStack answers at ${ENDPOINT}` : there}\n`);
process.exitCode = there === true ? 0 : 1;
