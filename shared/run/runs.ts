import type { Clock } from '../clock.ts';
import type { Configuration } from '../configuration.ts';
import { Unavailable } from '../errors.ts';
import type { JsonObject, Node } from '../node/node.ts';
import type { NewEvent, NodeStore } from '../node/node-store.ts';
import { deadlineOf, phasesOf } from './flows.ts';
import type { FlowName, Run } from './run.ts';
import type { Workflow } from './workflow-port.ts';

/** What an operator sent with the verb. */
export interface RunArguments {
  deploySteps?: JsonObject[];
  cleanSteps?: JsonObject[];
  serviceSteps?: JsonObject[];
  rescuePassword?: string;
  configdrive?: string | JsonObject;
}

/** Flows that write or erase disks. */
export const DESTRUCTIVE: ReadonlySet<FlowName> = new Set([
  'deploy',
  'rebuild',
  'undeploy',
  'clean',
  'provide',
  'service',
]);

/** Starts runs. */
export class Runs {
  readonly #nodes: Pick<NodeStore, 'replace'>;
  readonly #workflow: Pick<Workflow, 'start'>;
  readonly #clock: Clock;
  readonly #configuration: Pick<Configuration, 'deadlines' | 'automatedClean' | 'limits'>;

  constructor(given: {
    nodes: Pick<NodeStore, 'replace'>;
    workflow: Pick<Workflow, 'start'>;
    clock: Clock;
    configuration: Pick<Configuration, 'deadlines' | 'automatedClean' | 'limits'>;
  }) {
    this.#nodes = given.nodes;
    this.#workflow = given.workflow;
    this.#clock = given.clock;
    this.#configuration = given.configuration;
  }

  /**
   * Writes the node (already in the verb's first state) with a fresh run in one conditional write, then starts the
   * execution. If the start is lost, the sweeper starts it from the row: the row is the truth.
   */
  async begin(node: Node, flow: FlowName, args: RunArguments, events: readonly NewEvent[]): Promise<Node> {
    if (this.#configuration.limits.stopAll && DESTRUCTIVE.has(flow)) {
      throw new Unavailable(
        'limits.stopAll is on: no run that changes disks is started until an operator switches it off',
        60,
      );
    }
    const sequence = node.run_sequence + 1;
    const run: Run = {
      // The time of creation tells a node from an earlier one of the same uuid, whose executions have used up its names.
      id: `${node.uuid}-${Date.parse(node.created_at).toString(36)}-${sequence}`,
      sequence,
      flow,
      attempt: 1,
      wakes: 0,
      enteredAt: 0,
      phases: phasesOf(flow, node, args, this.#configuration),
      cursor: 0,
      stage: 'start',
      tries: 0,
      lastCommandId: null,
      commandId: null,
      generation: null,
      present: false,
      waiting: null,
      stepDeadline: null,
      memory: {},
      abort: null,
      ended: null,
      startedAt: new Date(this.#clock.now()).toISOString(),
    };
    const stored = await this.#nodes.replace({ ...node, run, run_sequence: sequence }, events);
    await this.#workflow
      .start({ node: node.uuid, run: run.id, attempt: 1, timeoutSeconds: deadlineOf(flow, this.#configuration) })
      .catch(() => undefined);
    return stored;
  }
}
