import { NodelessError } from '../../shared/errors.ts';
import { consoleLog } from './console-log.ts';
import { optionsFrom } from './environment.ts';
import { startRuntime } from './runtime.ts';

// The database holds what BMCs are opened with: nobody else reads what we or our engine write.
process.umask(0o077);
try {
  const runtime = await startRuntime({ ...optionsFrom(process.env), log: consoleLog, onDatabaseLost });
  console.log(`operator API  ${runtime.operatorUrl}`);
  console.log(`agent API     ${runtime.agentUrl}`);
  console.log('ready; Ctrl-C stops');
  let stopping = false;
  const stop = () => {
    // The terminal, npm and the launcher may all pass it on.
    if (stopping) return;
    stopping = true;
    void runtime.close().then(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  // The launcher is gone, and with it whoever would stop us.
  process.on('disconnect', stop);
  if (process.connected === false) stop();
} catch (error) {
  console.error(`nodeless: ${explained(error)}`);
  process.exitCode = 1;
}

/** What is not stored must not be answered, and a server that answers 503 for ever helps nobody. */
function onDatabaseLost(why: string): void {
  console.error(`nodeless: ${why}`);
  process.exit(1);
}

function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return `${error.message}. Set NODELESS_OPERATOR_PORT or NODELESS_AGENT_PORT`;
  return error instanceof NodelessError || code !== undefined ? error.message : (error.stack ?? error.message);
}
