import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../infra/cli/run-command.ts';
import { silentLog } from '../../infra/local/console-log.ts';
import { type Runtime, type RuntimeOptions, startRuntime } from '../../infra/local/runtime.ts';

export interface Said {
  exit: number;
  out: string;
  notes: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what a program would read
  json(): any;
}

/** The command line as a person has it, in this process. */
export async function nodeless(env: NodeJS.ProcessEnv, ...words: string[]): Promise<Said> {
  const [out, notes]: [string[], string[]] = [[], []];
  const exit = await runCommand(words, {
    env,
    out: (text) => void out.push(text),
    note: (text) => void notes.push(text),
  });
  return { exit, out: out.join('\n'), notes: notes.join('\n'), json: () => JSON.parse(out.join('\n')) };
}

const launcher = fileURLToPath(new URL('../../infra/cli/nodeless.mjs', import.meta.url));

/** The program itself, as a person in a folder starts it, without a terminal. */
export async function started(folder: string, words: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [launcher, ...words], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, notes] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (notes += text));
  const exit = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { exit, out, notes };
}

/** A service that holds strangers for a person. */
export function startService(more: Partial<RuntimeOptions> = {}): Promise<Runtime> {
  return startRuntime({
    operatorPort: 0,
    agentPort: 0,
    host: '127.0.0.1',
    log: silentLog,
    configuration: { enrollment: { unknown: 'hold' } },
    ...more,
  });
}

/** A machine that shows what it is: number 7 has the MAC …:07 and the serial number SN-7. */
export async function boots(
  { agentUrl }: Pick<Runtime, 'agentUrl'>,
  number: number,
  given: { vendor?: string; mac?: string } = {},
): Promise<number> {
  const mac = given.mac ?? `52:54:00:00:00:${number.toString(16).padStart(2, '0')}`;
  const body = {
    inventory: {
      interfaces: [{ name: 'eno1', mac_address: mac }],
      system_vendor: { serial_number: `SN-${number}`, manufacturer: given.vendor ?? 'Dell', product_name: 'R640' },
    },
  };
  const headers = { 'content-type': 'application/json' };
  const url = `${agentUrl}/v1/continue_inspection`;
  return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status;
}
