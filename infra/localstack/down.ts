import { stop } from './start.ts';

/** npm run localstack:down */
process.exitCode = await stop();
