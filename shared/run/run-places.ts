import type { Counters } from '../enrollment/counters.ts';
import type { Node } from '../node/node.ts';
import type { FlowName } from './run.ts';

/** Flows that write or erase disks: `limits` counts and stops them. */
export const DESTRUCTIVE: ReadonlySet<FlowName> = new Set([
  'deploy',
  'rebuild',
  'undeploy',
  'clean',
  'provide',
  'service',
]);

/** The counter in which their runs hold places, each under its id. */
export const RUN_PLACES = 'runs';

/** Whoever took a place has written the row by then, or died: no function that begins runs lives for so long. */
const TAKING_MS = 600_000;

/** The run has ended. What is lost here (a crash, an outage) the sweep finds. */
export async function freePlace(run: string, counters: Pick<Counters, 'letGo'>): Promise<void> {
  await counters.letGo(RUN_PLACES, run).catch(() => undefined);
}

/**
 * Frees the places of runs that do not go on, and gives one to each that goes on without: it began while there was no
 * limit. `nodes` were read at `readAt` (ms). Returns the runs whose places were freed.
 */
export async function recountPlaces(
  nodes: readonly Node[],
  readAt: number,
  limit: number,
  counters: Pick<Counters, 'hold' | 'letGo' | 'holders'>,
): Promise<string[]> {
  const going = nodes.flatMap(({ run }) => (run && !run.ended && DESTRUCTIVE.has(run.flow) ? [run.id] : []));
  const held = new Map((await counters.holders(RUN_PLACES)).map(({ holder, heldAt }) => [holder, heldAt]));
  const freed = [...held].filter(([run, heldAt]) => !going.includes(run) && readAt - heldAt >= TAKING_MS);
  for (const [run, heldAt] of freed) await counters.letGo(RUN_PLACES, run, heldAt);
  for (const run of limit > 0 ? going : []) {
    if (!held.has(run)) await counters.hold(RUN_PLACES, run, Number.MAX_SAFE_INTEGER, readAt);
  }
  return freed.map(([run]) => run);
}
