import { CommanderError } from 'commander';
import { type Around, program } from './program.ts';
import { EXIT, Refusal } from './refusal.ts';

/** Runs one command line, without the words before the verb, to its exit status. */
export async function runCommand(words: readonly string[], around: Around): Promise<number> {
  try {
    await program(around).parseAsync(words, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has said what was wrong, or has shown its help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
    if (!(error instanceof Refusal)) throw error;
    around.note(`nodeless: ${error.message}`);
    if (error.next) around.note(error.next);
    return error.exit;
  }
}
