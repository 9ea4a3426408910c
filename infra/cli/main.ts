import { runCommand } from './run-command.ts';

const { argv, env, stdout, stderr } = process;
// A reader that has seen enough (`| head`) closes the pipe: that is no error of ours.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.exitCode = await runCommand(argv.slice(2), {
  env,
  out: (text) => void stdout.write(`${text}\n`),
  note: (text) => void stderr.write(`${text}\n`),
});
