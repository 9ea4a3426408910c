import { execFileSync } from 'node:child_process';

/** The children of a process whose command line holds these words. */
export function childrenOf(pid: number, words = ''): number[] {
  const lines = execFileSync('ps', ['-ww', '-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, child, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s(.*)$/.exec(line) ?? [];
    return Number(parent) === pid && command.includes(words) ? [Number(child)] : [];
  });
}
