import Table from 'cli-table3';

export interface Ending {
  machine: string;
  uuid: string;
  state: string;
  /** As the log of the request had it, and what the history says that was learnt. */
  reason: string;
  learned: readonly string[];
  commands: number;
}

/** Ids begin with the time: of machines of one moment only the ends differ. */
export const tailOf = (uuid: string): string => `…${uuid.slice(-12)}`;

/** The last word, short: the log above has each reason. */
export function summaryTable(endings: readonly Ending[]): string {
  const table = new Table({
    head: ['machine', 'node', 'state', 'how it was found', 'commands'],
    style: { head: [], border: [] },
  });
  for (const one of endings) {
    table.push([one.machine, tailOf(one.uuid), one.state, howFound(one), one.commands]);
  }
  return table.toString();
}

function howFound({ reason, learned }: Ending): string {
  if (reason.startsWith('enrolled')) return 'nobody knew it: enrolled';
  const spoke = [...reason.matchAll(/for: (.+?) \(\+\d+\)/g)].map(([, what]) => what);
  const macs = learned.flatMap((text) => text.match(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g) ?? []);
  const taught = macs.length === 0 ? '' : `; ${macs.length} MAC${macs.length === 1 ? '' : 's'} learned`;
  return `by ${spoke.join(', ') || 'what it shows'}${taught}`;
}
