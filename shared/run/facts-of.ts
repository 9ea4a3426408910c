import { isForRun } from '../agent/handed-over.ts';
import type { Session } from '../agent/session-store.ts';
import { handsOver } from '../boot/hand-over.ts';
import type { Configuration } from '../configuration.ts';
import type { Node } from '../node/node.ts';
import { deadlineOf, deadlineSeconds } from './deadlines.ts';
import type { Facts } from './outcome.ts';
import type { Run } from './run.ts';

export type FactSettings = Pick<
  Configuration,
  'deadlines' | 'fastTrack' | 'agentLogs' | 'parametersIso' | 'heartbeatIntervalSeconds'
>;

/** All that the reducer may look at beside row and event. */
export function factsOf(session: Session, node: Node, run: Run, now: number, settings: FactSettings): Facts {
  const silence = deadlineOf(run.flow, settings, node);
  return {
    now,
    session: {
      generation: session.generation,
      issuedAt: session.issuedAt,
      lastBeatAt: session.lastBeatAt,
      // Of a machine that never looked up: what it would be told at most.
      intervalSeconds: session.intervalSeconds || settings.heartbeatIntervalSeconds,
      reachable: session.bootFingerprint !== undefined,
      handedOver: isForRun(session, run),
    },
    handsOver: handsOver(node, settings.parametersIso),
    fastTrack: settings.fastTrack,
    // An agent that was told to beat seldom is not dead because it does.
    deadlineSeconds: run.present ? Math.max(silence, 2 * session.intervalSeconds) : silence,
    stepSeconds: deadlineSeconds('step', settings, node),
    holdSeconds: deadlineSeconds('hold', settings, node),
    logs: settings.agentLogs,
  };
}
