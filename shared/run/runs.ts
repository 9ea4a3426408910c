import type { Clock } from '../clock.ts';
import type { Configuration } from '../configuration.ts';
import type { Counters } from '../enrollment/counters.ts';
import { Unavailable } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { NewEvent, Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';
import { deadlineOf } from './deadlines.ts';
import { phasesOf, type RunArguments } from './flows.ts';
import { phaseName } from './outcome.ts';
import type { FlowName, Phase, Run } from './run.ts';
import { DESTRUCTIVE, RUN_PLACES } from './run-places.ts';
import type { Workflow } from './workflow-port.ts';

type Settings = Pick<Configuration, 'deadlines' | 'automatedClean' | 'fastTrack' | 'limits'>;

/** Starts runs. */
export class Runs {
  readonly #nodes: Pick<NodeStore, 'replace'>;
  readonly #counters: Pick<Counters, 'hold' | 'holders'>;
  readonly #workflow: Pick<Workflow, 'start'>;
  readonly #clock: Clock;
  readonly #configuration: Settings;

  constructor(given: {
    nodes: Pick<NodeStore, 'replace'>;
    counters: Pick<Counters, 'hold' | 'holders'>;
    workflow: Pick<Workflow, 'start'>;
    clock: Clock;
    configuration: Settings;
  }) {
    this.#nodes = given.nodes;
    this.#counters = given.counters;
    this.#workflow = given.workflow;
    this.#clock = given.clock;
    this.#configuration = given.configuration;
  }

  /**
   * Writes the node (already in the verb's first state) with a fresh run in one conditional write, then starts the
   * execution. If the start is lost, the sweeper starts it from the row: the row is the truth.
   * Throws `Unavailable` over the limits, `VersionConflict` when somebody else was faster.
   */
  async begin(node: Node, flow: FlowName, args: RunArguments, events: readonly NewEvent[]): Promise<Node> {
    const sequence = node.run_sequence + 1;
    const phases: Phase[] = phasesOf(flow, node, args, this.#configuration);
    const run: Run = {
      // The time of creation tells a node from an earlier one of the same uuid, whose executions have used up its names.
      id: `${node.uuid}-${Date.parse(node.created_at).toString(36)}-${sequence}`,
      sequence,
      flow,
      attempt: 1,
      wakes: 0,
      enteredAt: 0,
      phases,
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
      ...(node.run?.unfit === undefined ? {} : { unfit: node.run.unfit }),
      abort: null,
      ended: null,
      startedAt: new Date(this.#clock.now()).toISOString(),
    };
    await this.#takePlace(run);
    const by = events.find((event) => event.user !== null)?.user ?? null;
    const stored = await this.#nodes.replace({ ...node, run, run_sequence: sequence }, [...events, begun(run, by)]);
    await this.#start(stored, run);
    return stored;
  }

  /** A held run goes on: the node (already out of its hold state) is written, and a successor execution takes over. */
  async resume(node: Node, events: readonly NewEvent[]): Promise<Node> {
    if (!node.run || node.run.ended) return this.#nodes.replace(node, events);
    const run: Run = { ...node.run, attempt: node.run.attempt + 1, wakes: 0 };
    const stored = await this.#nodes.replace({ ...node, run }, events);
    await this.#start(stored, run);
    return stored;
  }

  /**
   * Throws `Unavailable` where the limits of the configuration do not allow another run of this flow. A look only, before
   * anything is stored: `begin` takes the place.
   */
  async refuseOverLimit(flow: FlowName): Promise<void> {
    const { stopAll, concurrentRuns } = this.#configuration.limits;
    if (!DESTRUCTIVE.has(flow)) return;
    if (stopAll) throw stopped(flow);
    if (concurrentRuns === 0) return;
    if ((await this.#counters.holders(RUN_PLACES)).length >= concurrentRuns) throw full(flow, concurrentRuns);
  }

  /** Before the row is written: two that come in at the same instant cannot both have the last one. */
  async #takePlace({ id, flow }: Run): Promise<void> {
    const { stopAll, concurrentRuns } = this.#configuration.limits;
    if (!DESTRUCTIVE.has(flow)) return;
    if (stopAll) throw stopped(flow);
    if (concurrentRuns === 0) return;
    if (!(await this.#counters.hold(RUN_PLACES, id, concurrentRuns, this.#clock.now())))
      throw full(flow, concurrentRuns);
  }

  /** If the start is lost, the sweeper starts it from the row. */
  async #start(node: Node, { id, attempt, flow }: Run): Promise<void> {
    const timeoutSeconds = deadlineOf(flow, this.#configuration, node);
    await this.#workflow.start({ node: node.uuid, run: id, attempt, timeoutSeconds }).catch(() => undefined);
  }
}

function stopped(flow: FlowName): Unavailable {
  const what = 'limits.stopAll is on: no run that changes disks is started';
  return new Unavailable(`${what}. Switch it off in the configuration, then ask for the ${flow} again`, 60);
}

function full(flow: FlowName, limit: number): Unavailable {
  const what = `${limit} runs that change disks are going on, as many as limits.concurrentRuns allows`;
  return new Unavailable(`${what}. Ask for the ${flow} again when one of them has ended`, 60);
}

function begun(run: Run, by: string | null): NewEvent {
  const detail: JsonObject = { run: run.id, flow: run.flow, phases: run.phases.map(phaseName) };
  return { event_type: 'run', event: `${run.flow} begins`, severity: 'INFO', user: by ?? 'run', detail };
}
