import { ENDPOINT } from './settings.ts';
import { started } from './start.ts';

/** npm run localstack:up */
const there = await started();
process.stdout.write(`${'by' in there ? `LocalStack answers at ${ENDPOINT}` : there.skipped}\n`);
process.exitCode = 'by' in there ? 0 : 1;
