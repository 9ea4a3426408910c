import type { Configuration } from '../configuration.ts';
import { type EnrolmentDependencies, findOrEnrol } from '../enrollment/enrol.ts';
import { type Caller, strangerJournal } from '../enrollment/stranger.ts';
import { Conflict, InvalidInput, NotFound } from '../errors.ts';
import { type Evidence, isFindable, macsOf } from '../identity/evidence.ts';
import { identify } from '../identity/identify.ts';
import { lookupAllowed } from '../lifecycle/states.ts';
import { MASK, type Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';
import type { Workflow } from '../run/workflow-port.ts';
import { deriveToken, tokenHash } from './agent-token.ts';
import { isForRun, isUnused } from './handed-over.ts';
import type { Session, SessionStore } from './session-store.ts';
import { mayBeTokenless, stillTokenless } from './tokenless.ts';
import { intervalFor } from './told-interval.ts';
import { tellTurnedAway } from './turned-away.ts';

export interface LookupDependencies extends EnrolmentDependencies {
  nodes: Pick<NodeStore, 'get' | 'create' | 'replace'>;
  sessions: Pick<SessionStore, 'get' | 'issue'>;
  workflow: Pick<Workflow, 'succeed'>;
  tokenKey(): Promise<Uint8Array>;
  configuration: Pick<
    Configuration,
    | 'enrollment'
    | 'inbox'
    | 'limits'
    | 'matching'
    | 'fastTrack'
    | 'heartbeatIntervalSeconds'
    | 'runHeartbeatIntervalSeconds'
  >;
}

export interface LookupInput {
  evidence: Evidence;
  /** From an inspection, or when an agent reads its node again. */
  nodeUuid?: string;
  caller?: Omit<Caller, 'request'>;
  /** Agents below 1.62 cannot know a token (`unknown`); those of 2014 beat without one (`none`). */
  token: 'wanted' | 'unknown' | 'none';
}

export interface LookupAnswer {
  node: Node;
  /** A token, the mask, or null for agents that know none. */
  token: string | null;
  /** What to tell it as `heartbeat_timeout`. */
  intervalSeconds: number;
  decision: 'matched' | 'enrolled';
  /** Why, for the log and for people; never for the agent. */
  reasons: string[];
}

/** One text for unknown, held, refused, conflicting and not-now: it must not tell a stranger whether a node exists. */
export const NOT_FOUND = 'Node could not be found.';
const refused = (reason: string) => ({ decision: 'lookup-refused', reason });

/** Who am I? Throws NotFound (see above), Conflict (the session still beats), Unavailable (could not look). */
export async function lookup(
  input: LookupInput,
  given: LookupDependencies & { sessions: Pick<SessionStore, 'revoke'> },
): Promise<LookupAnswer> {
  const ahead = readAhead(input, given);
  const { node, enrolled, reasons } = await find(input, { ...given, nodes: ahead.nodes });
  // The lookup of 2014 knows no state in which it is refused (contract §5.2).
  if (input.token !== 'none' && !lookupAllowed(node.provision_state, given.configuration.fastTrack)) {
    await tellTurnedAway(node, given);
    throw new NotFound(NOT_FOUND).noting({ ...refused('not-now'), node: node.uuid });
  }
  const denied = () => new NotFound(NOT_FOUND).noting({ ...refused('denied'), node: node.uuid });
  if (input.token === 'none' && !mayBeTokenless(node)) throw denied();
  const issued =
    input.token === 'unknown'
      ? { token: null, intervalSeconds: intervalFor(node, given.configuration) }
      : await issueToken(input, node, ahead.session(node.uuid), given);
  if (input.token === 'none' && !(await stillTokenless(node.uuid, given))) throw denied();
  return { node, ...issued, decision: enrolled ? 'enrolled' : 'matched', reasons };
}

/** Reads a candidate's session in the same round trip as its row: nearly always it is the one that is needed. */
function readAhead(input: LookupInput, given: LookupDependencies) {
  const sessions = new Map<string, Promise<Session | undefined>>();
  const session = (uuid: string): Promise<Session | undefined> => {
    const known = sessions.get(uuid) ?? given.sessions.get(uuid);
    sessions.set(uuid, known);
    return known;
  };
  const nodes: EnrolmentDependencies['nodes'] = {
    create: (...args) => given.nodes.create(...args),
    replace: (...args) => given.nodes.replace(...args),
    get: (uuid) => {
      // Its failure is told to whoever asks for it; until then it must not end the process.
      if (input.token !== 'unknown') session(uuid).catch(() => undefined);
      return given.nodes.get(uuid);
    },
  };
  return { nodes, session };
}

async function find(
  input: LookupInput,
  given: EnrolmentDependencies,
): Promise<{ node: Node; enrolled: boolean; reasons: string[] }> {
  const { evidence, nodeUuid } = input;
  if (nodeUuid !== undefined) {
    const node = await given.nodes.get(nodeUuid);
    // The id alone proves nothing: a machine must show a MAC of that node (contract §8, 10).
    const shows = macsOf(evidence).some((mac) => node?.macs.includes(mac));
    if (!node || !shows) throw new NotFound(NOT_FOUND).noting(refused('not-shown'));
    return { node, enrolled: false, reasons: [`it named node ${nodeUuid} and shows one of its MACs`] };
  }
  if (!isFindable(evidence)) {
    throw new InvalidInput('No valid MAC address, serial number, system UUID or asset tag was given.');
  }
  if (input.token === 'none') {
    // It never made a node (contract §5.1): one that it could make has nobody's word that it may go without a token.
    const decision = await identify(evidence, given);
    if (decision.verdict !== 'match') throw new NotFound(NOT_FOUND).noting(refused('denied'));
    return { node: decision.node, enrolled: false, reasons: decision.reasons };
  }
  const found = await findOrEnrol(evidence, { ...input.caller, request: 'lookup' }, given);
  if (!found.found) throw new NotFound(NOT_FOUND).noting(strangerJournal(found));
  return { node: found.node, enrolled: found.enrolled, reasons: found.reasons };
}

/**
 * Until the first beat of a generation a lookup repeats the same token, so a lost answer strands nobody. A session
 * that beats keeps its token; one that has been silent for longer than its interval gives way to a new generation.
 */
async function issueToken(
  input: LookupInput,
  node: Node,
  ahead: Promise<Session | undefined>,
  given: LookupDependencies,
): Promise<Pick<LookupAnswer, 'token' | 'intervalSeconds'>> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const session = attempt === 0 ? await ahead : await given.sessions.get(node.uuid);
    if (!session) throw new NotFound(NOT_FOUND);
    // Who boots for the run has the token from its medium; a stranger with its MAC gets none here.
    if (input.token === 'wanted' && node.run && !node.run.ended && isForRun(session, node.run) && isUnused(session))
      return { token: MASK, intervalSeconds: session.intervalSeconds };
    const key = await given.tokenKey();
    const live = session.tokenHash !== undefined || session.tokenless === true;
    if (live && session.bootFingerprint === undefined) {
      if (session.tokenless !== (input.token === 'none' ? true : undefined)) {
        // The other protocol asked before; fall through to a generation of the right kind.
      } else {
        const { intervalSeconds } = session;
        return { token: session.tokenless ? null : deriveToken(key, node.uuid, session.generation), intervalSeconds };
      }
    } else if (live && !isSilent(session, given.clock.now())) {
      return { token: beating(input, node, session), intervalSeconds: session.intervalSeconds };
    }
    const generation = session.generation + 1;
    const intervalSeconds = intervalFor(node, given.configuration);
    const token = deriveToken(key, node.uuid, generation);
    const before = await given.sessions.issue(node.uuid, session.generation, {
      ...(input.token === 'none' ? { tokenless: true } : { tokenHash: tokenHash(token) }),
      intervalSeconds,
      at: given.clock.now(),
      lastBeatAt: session.lastBeatAt,
    });
    if (!before) continue;
    // A run that waits on the dead generation hears that the agent restarted.
    if (before.taskToken !== undefined)
      await given.workflow.succeed(before.taskToken, { next: 'Advance', because: 'beat' });
    return { token: input.token === 'none' ? null : token, intervalSeconds };
  }
  throw new Conflict('The session of this node changes at this moment; try again');
}

function isSilent(session: Session, now: number): boolean {
  return now - Math.max(session.lastBeatAt, session.issuedAt) > session.intervalSeconds * 1000;
}

/**
 * The node's agent beats, and somebody looks up. While an image is written the agent itself reads its node again, with
 * its id, and has its token. Anybody else gets a 409 and comes back: after a restart that works once the old session is silent.
 * An agent that posted its inventory since the last beat has restarted: the mask would strand it (contract §8, 8).
 */
function beating(input: LookupInput, node: Node, session: Session): string | null {
  const run = node.run;
  const writes = run && !run.ended && run.present && run.phases[run.cursor]?.kind === 'step';
  const restarted = (run?.inventoryAt ?? 0) > session.lastBeatAt;
  if (input.nodeUuid !== undefined && writes && !restarted) return MASK;
  if (input.token === 'none') return null;
  const text = 'The agent of this node is alive; a restarted one gets a token when the old one is silent';
  throw new Conflict(text).noting({ ...refused('alive'), node: node.uuid });
}
