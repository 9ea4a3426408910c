import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const canCount = (): Promise<boolean> =>
  run('valgrind', ['--version']).then(
    () => true,
    () => false,
  );

/** Interpreted is the same on every machine; compiled code needs far fewer, and differs a little from run to run. */
export const INTERPRETED = ['--jitless', '--single-threaded'];
/** Compiled as on Lambda, but on one thread: what gets compiled does not depend on how busy the machine is. */
export const PREDICTABLE = ['--predictable'];

/** How many instructions Node takes for a program. */
export async function instructions(
  program: string,
  args: string[],
  { flags = [], env }: { flags?: string[]; env?: Record<string, string> } = {},
): Promise<number> {
  const counter = ['--tool=cachegrind', '--cache-sim=no', '--cachegrind-out-file=/dev/null'];
  const node = [process.execPath, ...flags, program, ...args];
  const { stderr } = await run('valgrind', [...counter, ...node], env === undefined ? {} : { env });
  const counted = /I\s+refs:\s+([\d,]+)/.exec(stderr)?.[1];
  if (counted === undefined) throw new Error('valgrind did not say how many instructions there were');
  return Number(counted.replaceAll(',', ''));
}
