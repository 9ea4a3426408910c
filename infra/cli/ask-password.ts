import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { EXIT, Refusal } from './refusal.ts';

/** Asks a person on the terminal, without echo. Where there is no terminal nobody is asked. */
export async function askPassword(user: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) {
    const next = 'Put it into NODELESS_PASSWORD; it is never taken from the command line, where everybody can read it.';
    throw new Refusal(`${user} needs a password, and there is no terminal to ask on.`, EXIT.denied, next);
  }
  stderr.write(`Password of ${user}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: silent, terminal: true });
  try {
    return await lines.question('');
  } finally {
    lines.close();
    stderr.write('\n');
  }
}
