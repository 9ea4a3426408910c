import type { Configuration } from '../configuration.ts';
import type { JsonValue } from '../json.ts';
import type { Node } from '../node/node.ts';
import type { FlowName } from './run.ts';

type Deadlines = Configuration['deadlines'];
type Kind = keyof Deadlines;

/** Which deadline a flow waits by. */
const DEADLINE_OF: Record<FlowName, Kind> = {
  verify: 'deploy',
  deploy: 'deploy',
  rebuild: 'deploy',
  undeploy: 'clean',
  clean: 'clean',
  provide: 'clean',
  inspect: 'inspect',
  rescue: 'rescue',
  unrescue: 'rescue',
  service: 'service',
  adopt: 'deploy',
  power: 'deploy',
};

/** As long as Step Functions lets a task wait. */
const LONGEST_SECONDS = 99_999_999;

/**
 * Seconds of one kind of deadline: the node's own (`driver_info.nodeless_deadlines`, an object of the configuration's
 * keys), else the configuration's. What is no number of seconds there is not heeded.
 */
export function deadlineSeconds(
  kind: Kind,
  settings: { deadlines: Deadlines },
  node?: Pick<Node, 'driver_info'>,
): number {
  const own = ownDeadlines(node?.driver_info['nodeless_deadlines'])[kind];
  return typeof own === 'number' && own >= 1 && own <= LONGEST_SECONDS ? Math.floor(own) : settings.deadlines[kind];
}

/** Seconds of silence after which a run of this flow fails. */
export function deadlineOf(
  flow: FlowName,
  settings: { deadlines: Deadlines },
  node?: Pick<Node, 'driver_info'>,
): number {
  return deadlineSeconds(DEADLINE_OF[flow], settings, node);
}

function ownDeadlines(value: JsonValue | undefined): Partial<Record<Kind, JsonValue>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
}
