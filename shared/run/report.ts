import type { PowerEnd, Run } from './run.ts';

/** A person is asked to switch the machine and to report it. */
export function asksPerson(run: Run | null): boolean {
  return run !== null && run.ended === null && run.phases[run.cursor]?.kind === 'by-hand';
}

/** A run with what somebody reported; one that waits for something else goes on as before. */
export function withReport(run: Run | null, ends: PowerEnd): Run | null {
  return run !== null && asksPerson(run) ? { ...run, memory: { ...run.memory, reported: ends } } : run;
}
