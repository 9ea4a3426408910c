import { stop } from './start.ts';

/** npm run localstack:down: all its state is in memory and goes with it. */
process.exitCode = stop();
