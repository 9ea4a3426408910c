import type { Clock } from '../clock.ts';
import { InvalidInput, NodelessError, NotFound } from '../errors.ts';
import type { Workflow } from '../run/workflow-port.ts';
import { bootFingerprint, tokenHash } from './agent-token.ts';
import { checkCallbackUrl } from './callback-url.ts';
import type { Session, SessionStore } from './session-store.ts';

export interface HeartbeatInput {
  node: string;
  callbackUrl: string;
  /** Absent for 2014 agents only. */
  token?: string;
  certificate?: string;
  agentVersion?: string;
}

export interface HeartbeatDependencies {
  sessions: Pick<SessionStore, 'beat' | 'firstBeat'>;
  workflow: Pick<Workflow, 'succeed'>;
  clock: Clock;
  agentNetworks: readonly string[];
}

export type HeartbeatDecision = 'continued' | 'ready';

/**
 * One beat: one conditional write, and the run that waits for it goes on.
 * Returns only when the beat is stored, and delivered if somebody waits: the caller may then say 202.
 * Throws InvalidInput (token, other boot, address), NotFound, Unavailable.
 */
export async function heartbeat(input: HeartbeatInput, given: HeartbeatDependencies): Promise<HeartbeatDecision> {
  const at = given.clock.now();
  const beat = {
    node: input.node,
    ...(input.token === undefined ? {} : { tokenHash: tokenHash(input.token) }),
    bootFingerprint: bootFingerprint(input.callbackUrl, input.certificate),
    at,
  };
  let outcome = await given.sessions.beat(beat);
  if (!outcome.accepted && outcome.reason === 'first-beat') {
    checkAddress(input, given.agentNetworks);
    outcome = await given.sessions.firstBeat(beat, {
      node: input.node,
      generation: outcome.session.generation,
      callbackUrl: input.callbackUrl,
      ...(input.certificate === undefined ? {} : { certificate: input.certificate }),
      ...(input.agentVersion === undefined ? {} : { agentVersion: input.agentVersion }),
      startedAt: at,
    });
  }
  if (outcome.accepted) return wake(outcome.before, given.workflow);
  switch (outcome.reason) {
    case 'no-node':
      throw new NotFound(`Node ${input.node} could not be found.`).noting(refused('no-node'));
    case 'wrong-token':
      throw new InvalidInput('Invalid or missing agent token received.').noting(refused('wrong-token'));
    default:
      throw new InvalidInput('callback_url or agent_verify_ca differ from what this boot told first.').noting(
        refused('other-boot'),
      );
  }
}

const refused = (reason: string) => ({ decision: 'beat-refused', reason });

function checkAddress(input: HeartbeatInput, networks: readonly string[]): void {
  try {
    checkCallbackUrl(input.callbackUrl, networks, { plainHttp: input.token === undefined });
  } catch (error) {
    throw error instanceof NodelessError ? error.noting(refused('address')) : error;
  }
}

async function wake(session: Session, workflow: Pick<Workflow, 'succeed'>): Promise<HeartbeatDecision> {
  if (session.taskToken === undefined) return 'ready';
  const answer = await workflow.succeed(session.taskToken, { next: 'Advance', because: 'beat' });
  return answer === 'delivered' ? 'continued' : 'ready';
}
