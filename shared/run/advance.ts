import type { Session, SessionStore } from '../agent/session-store.ts';
import { type Clock, timestamp } from '../clock.ts';
import type { DocumentStore } from '../documents.ts';
import type { Counters } from '../enrollment/counters.ts';
import { NotFound, VersionConflict } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';
import { deadlineOf } from './deadlines.ts';
import { type FactSettings, factsOf } from './facts-of.ts';
import { type FillDependencies, filled, kept } from './fill.ts';
import { land } from './land.ts';
import { phaseName } from './outcome.ts';
import { type PerformDependencies, perform } from './perform.ts';
import { type Reduction, reduce } from './reduce.ts';
import type { ExchangeReply, ExchangeRequest, Run, RunEvent } from './run.ts';
import { freePlace } from './run-places.ts';
import type { WakeUp, Workflow } from './workflow-port.ts';

export interface AdvanceDependencies extends PerformDependencies, FillDependencies {
  documents: DocumentStore;
  nodes: Pick<NodeStore, 'get' | 'replace'>;
  sessions: PerformDependencies['sessions'] & Pick<SessionStore, 'arm' | 'disarm'>;
  workflow: Pick<Workflow, 'start' | 'succeed'>;
  counters: Pick<Counters, 'letGo'>;
  clock: Clock;
  configuration: PerformDependencies['configuration'] & FactSettings;
  log: Log;
}

export interface Wake {
  node: string;
  run: string;
  attempt: number;
  event: RunEvent;
}

/** Wake-ups after which an execution hands over: its history has an end (25 000 events), a run has none. */
const WAKES_PER_EXECUTION = 500;
/** Far more than any flow takes without waiting: reaching it is a bug that must not become an endless loop. */
const EFFECTS_PER_WAKE = 200;

/** What the execution hears; undefined = armed, a later beat answers. */
type Answer = WakeUp | undefined;

/**
 * The shell around the reducer: takes one effect after the other until something has to be waited for.
 *
 * Order, so that whatever dies can be taken up from the row:
 *   read session and row → reduce → write row (conditional on its version) → effect → its reply is the next event.
 * Arming compares the beat counter read *before* acting: a beat that came in between makes it go round again, so no
 * wake-up is lost.
 */
export async function advance(wake: Wake, taskToken: string | undefined, given: AdvanceDependencies): Promise<Answer> {
  let event = wake.event;
  // Fence: who came in later writes and arms with a later time. A task that timed out and still works sees it and stops:
  // it neither repeats a command nor takes the wake-up away from its successor.
  const entered = given.clock.now();
  for (let effects = 0; effects < EFFECTS_PER_WAKE; effects += 1) {
    const session = await given.sessions.get(wake.node);
    const node = await given.nodes.get(wake.node);
    const run = node?.run;
    if (!node || !session || !run || run.id !== wake.run || run.attempt !== wake.attempt || run.enteredAt > entered) {
      return { next: 'Done', result: 'superseded' };
    }
    const at = given.clock.now();
    const facts = factsOf(session, node, run, at, given.configuration);
    const reduction = counted(reduce(node, run, restarted(event, run, session), facts));
    const landed = land(node, reduction, timestamp(at));
    const stored = await store(node, landed.node, landed.events, entered, given);
    if (stored === 'lost') {
      // Somebody else wrote the row, e.g. an operator's abort: look again. A reply is lost with it; the row knows.
      event = { kind: 'resumed' };
      continue;
    }
    if (reduction.revoke && session.generation > 0) await given.sessions.revoke(wake.node, session.generation);
    const outcome = await take(reduction, stored, session, { taskToken, entered }, given);
    if (outcome.kind === 'answer') return outcome.answer;
    event = outcome.event;
  }
  given.log.error('a run did not come to rest', { run: wake.run, node: wake.node });
  return { next: 'Pause', because: 'pause', seconds: 60 };
}

type Taken = { kind: 'answer'; answer: Answer } | { kind: 'event'; event: RunEvent };
const answer = (wakeUp: Answer): Taken => ({ kind: 'answer', answer: wakeUp });

async function take(
  reduction: Reduction,
  node: Node,
  session: Session,
  task: { taskToken: string | undefined; entered: number },
  given: AdvanceDependencies,
): Promise<Taken> {
  const { effect, run } = reduction;
  switch (effect.kind) {
    case 'exchange': {
      const reply = await exchanged(effect.request, node, run, session, given);
      given.log.info('exchange', {
        node: node.uuid,
        run: run.id,
        phase: phaseName(run.phases[run.cursor]),
        decision: reply.kind,
      });
      return { kind: 'event', event: { kind: 'reply', reply } };
    }
    case 'wait-beat': {
      if (run.wakes >= WAKES_PER_EXECUTION) return answer(await handOver(node, run, given));
      if (task.taskToken === undefined) return answer(withoutToken(node, run, given));
      if ((session.armedBy ?? 0) > task.entered) return answer({ next: 'Done', result: 'superseded' });
      const armed = await given.sessions.arm(node.uuid, {
        taskToken: task.taskToken,
        armedBy: task.entered,
        beats: session.beats,
        generation: session.generation,
      });
      if (!armed || (await toldMeanwhile(node, run, given))) return { kind: 'event', event: { kind: 'beat' } };
      return answer(undefined);
    }
    case 'pause':
      return answer({ next: 'Pause', because: 'pause', seconds: effect.seconds });
    case 'hold':
      await given.sessions.disarm(node.uuid, task.entered);
      return answer({ next: 'Done', result: `held: ${effect.for}` });
    case 'done':
    case 'failed':
      await given.sessions.disarm(node.uuid, task.entered);
      await freePlace(run.id, given.counters);
      given.log.info('run ended', {
        node: node.uuid,
        run: run.id,
        flow: run.flow,
        decision: effect.kind,
        ...(effect.kind === 'failed' ? { reason: effect.reason } : {}),
      });
      return answer({ next: effect.kind === 'done' ? 'Done' : 'Failed', result: `${run.flow} ${effect.kind}` });
  }
}

/** The exchange itself, with what the row only refers to put in, and what it may not hold taken out. */
async function exchanged(
  request: ExchangeRequest,
  node: Node,
  run: Run,
  session: Session,
  given: AdvanceDependencies,
): Promise<ExchangeReply> {
  try {
    const complete = await filled(request, node.uuid, given);
    return await kept(request, await perform(complete, node, session, given), { id: run.id, node: node.uuid }, given);
  } catch (error) {
    if (error instanceof NotFound) return { kind: 'refused', status: 404, message: error.message };
    throw error;
  }
}

/**
 * An inventory, a person's report and the end of a maintenance are no beats and do not move the counter that arming
 * compares: look once more when armed.
 */
async function toldMeanwhile(node: Node, run: Run, given: AdvanceDependencies): Promise<boolean> {
  if (!run.waiting?.frozen && !TOLD.has(run.phases[run.cursor]?.kind)) return false;
  return (await given.nodes.get(node.uuid))?.version !== node.version;
}
const TOLD: ReadonlySet<string | undefined> = new Set(['await-inspection', 'by-hand']);

/**
 * Expire has no task token to arm with. A machine that shows life is armed by the next Advance; for a silent one the
 * rest of its deadline is waited for, since the task's own time-out began to count before the row's.
 */
function withoutToken(node: Node, run: Run, given: AdvanceDependencies): WakeUp {
  const wholeSeconds = deadlineOf(run.flow, given.configuration, node);
  const restSeconds = Math.ceil(((run.waiting?.until ?? 0) - given.clock.now()) / 1000);
  return restSeconds < wholeSeconds / 2
    ? { next: 'Pause', because: 'pause', seconds: Math.max(1, restSeconds) }
    : { next: 'Advance', because: 'again' };
}

async function handOver(node: Node, run: Run, given: AdvanceDependencies): Promise<WakeUp> {
  const attempt = run.attempt + 1;
  // One that lived so long is no death, and the row has moved since the last one.
  await given.nodes.replace({ ...node, run: { ...run, attempt, deaths: 0, wakes: 0 } });
  const timeoutSeconds = deadlineOf(run.flow, given.configuration, node);
  await given.workflow.start({ node: node.uuid, run: run.id, attempt, timeoutSeconds });
  return { next: 'Done', result: 'handed over' };
}

/** Every rest is one wake-up to come; counted with the write that it needs anyway. */
function counted(reduction: Reduction): Reduction {
  const { run, effect } = reduction;
  const rests = effect.kind === 'wait-beat' || effect.kind === 'pause';
  return rests ? { ...reduction, run: { ...run, wakes: run.wakes + 1 } } : reduction;
}

/** A run that talks to one generation of the agent hears when there is another. */
function restarted(event: RunEvent, run: Run, session: Session): RunEvent {
  const other = run.present && run.generation !== null && run.generation !== session.generation;
  return other && event.kind !== 'reply' && event.kind !== 'aborted' ? { kind: 'agent-restarted' } : event;
}

/** Writes what changed. Whatever is not in the row did not happen. */
async function store(
  before: Node,
  after: Node,
  events: Parameters<NodeStore['replace']>[1],
  enteredAt: number,
  given: AdvanceDependencies,
): Promise<Node | 'lost'> {
  if (JSON.stringify(after) === JSON.stringify(before)) return before;
  try {
    const run = after.run ? { ...after.run, enteredAt } : null;
    return await given.nodes.replace({ ...after, run }, events);
  } catch (error) {
    if (error instanceof VersionConflict) return 'lost';
    throw error;
  }
}
