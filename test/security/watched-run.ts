import { spawn } from 'node:child_process';
import { NEVER_PRINTED, wordsIn } from './canaries.ts';

/** `watched-run.ts <arguments of node>`: runs it, shows what it prints, and fails when a canary is among it. */
const child = spawn(process.execPath, process.argv.slice(2), { stdio: ['inherit', 'pipe', 'pipe'] });
const found = new Set<string>();
const KEPT = 200;

function watch(from: NodeJS.ReadableStream, to: NodeJS.WritableStream): void {
  let tail = '';
  from.on('data', (chunk: Buffer) => {
    to.write(chunk);
    // A word may be cut in two by the end of a chunk.
    const text = tail + chunk.toString('latin1');
    for (const word of wordsIn(text, NEVER_PRINTED)) found.add(word);
    tail = text.slice(-KEPT);
  });
}

watch(child.stdout, process.stdout);
watch(child.stderr, process.stderr);
child.on('close', (code) => {
  if (found.size > 0) process.stderr.write(`A secret of the tests was printed: ${[...found].join(', ')}\n`);
  process.exitCode = found.size > 0 ? 1 : (code ?? 1);
});
