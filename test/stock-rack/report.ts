import Table from 'cli-table3';
import type { Stage } from './stages.ts';
import type { Tenant } from './tenant.ts';

interface Cell {
  seconds: number;
  said?: string;
  failed?: string;
}

export interface Failure {
  row: string;
  stage: string;
  failed: string;
  /** Everything that helps to find out why. */
  details: string;
}

/** Failures in a line each; those that differ only in whose they are, in one. */
export function inShort(failures: readonly Failure[]): string[] {
  const alike = Map.groupBy(failures, ({ stage, failed }) => `${stage}: ${line(failed).replaceAll(OWN, '…')}`);
  return [...alike.values()].map((all) => {
    const { stage, failed } = all[0] as Failure;
    const rows = all.map(({ row }) => row).filter((row) => row !== stage);
    return `${[rows.join(' '), stage].filter((part) => part !== '').join(', ')}: ${line(failed)}`;
  });
}
/** What is another one for every machine: serial numbers, ids, ports. */
const OWN = /RACK\d+|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}|:\d{4,5}\b/g;
const line = (text: string) => text.replaceAll(/\s+/g, ' ').slice(0, 300);

/** What became of whom, as a table for people. */
export class Report {
  readonly #rows = new Map<string, Map<string, Cell>>();
  readonly #failures: Failure[] = [];

  /** Runs the stages of one machine in order; what comes after a failure has no meaning. */
  async live(row: string, tenant: Tenant, stages: readonly Stage[]): Promise<void> {
    const cells = new Map<string, Cell>();
    this.#rows.set(row, cells);
    for (const stage of stages) {
      const began = Date.now();
      const label = row === stage.name ? row : `${row} ${stage.name}`;
      const seconds = () => (Date.now() - began) / 1000;
      try {
        const said = await stage.run(tenant);
        cells.set(stage.name, { seconds: seconds(), ...(said ? { said } : {}) });
        console.log(`${label} ${seconds().toFixed(1)} s`);
      } catch (error) {
        const failed = error instanceof Error ? error.message : String(error);
        cells.set(stage.name, { seconds: seconds(), failed });
        console.log(`${label} FAILED: ${failed}`);
        const details = await explain(row, stage.name, failed, tenant);
        this.#failures.push({ row, stage: stage.name, failed, details });
        return;
      }
    }
  }

  get failures(): readonly Failure[] {
    return this.#failures;
  }

  isWhole(row: string): boolean {
    return [...(this.#rows.get(row)?.values() ?? [])].every((cell) => cell.failed === undefined);
  }

  table(stages: readonly string[]): string {
    const table = new Table({ head: ['', ...stages], style: { head: [], border: [] } });
    for (const [row, cells] of this.#rows) {
      table.push([
        row,
        ...stages.map((name) => {
          const cell = cells.get(name);
          if (!cell) return '–';
          return cell.failed === undefined ? `${cell.seconds.toFixed(1)} s` : 'FAILED';
        }),
      ]);
    }
    return table.toString();
  }

  /** One line a row: what was said at its end. */
  outcomes(head: readonly [string, string, string]): string {
    const table = new Table({
      head: [...head],
      style: { head: [], border: [] },
      wordWrap: true,
      colWidths: [34, 9, 90],
    });
    for (const [row, cells] of this.#rows) {
      const all = [...cells.values()];
      const seconds = all.reduce((sum, cell) => sum + cell.seconds, 0);
      const failed = all.find((cell) => cell.failed !== undefined)?.failed;
      const said = all.flatMap((cell) => cell.said ?? []).join('; ');
      table.push([row, `${seconds.toFixed(1)} s`, failed === undefined ? said : `FAILED: ${failed}`]);
    }
    return table.toString();
  }
}

async function explain(row: string, stage: string, failed: string, tenant: Tenant): Promise<string> {
  const history = await tenant.history().catch((error: Error) => [`no history: ${error.message}`]);
  return [
    `${row}, ${stage}: ${failed}`,
    'history:',
    ...history.slice(-30),
    'machine:',
    ...tenant.machine.said.slice(-20),
    'agent:',
    ...tenant.machine.agentLog.split('\n').slice(-25),
  ].join('\n  ');
}
