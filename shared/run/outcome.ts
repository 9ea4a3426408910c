import type { Node } from '../node/node.ts';
import type { ExchangeRequest, Phase, Run, RunEvent } from './run.ts';

/** What a reduction may look at besides row and event. Read before anything is done, so that it can be compared. */
export interface Facts {
  now: number;
  session: {
    generation: number;
    issuedAt: number;
    lastBeatAt: number;
    intervalSeconds: number;
    /** This generation has beaten at least once: there is a callback URL. */
    reachable: boolean;
    /** Its token was put onto a medium by this run. */
    handedOver: boolean;
  };
  /** A ramdisk of this node gets its token on a medium. */
  handsOver: boolean;
  fastTrack: boolean;
  deadlineSeconds: number;
  stepSeconds: number;
  /** How long an operator's hold may last. */
  holdSeconds: number;
  /** When to collect the ramdisk's logs. */
  logs: 'always' | 'on_failure' | 'never';
}

/** The token is on the medium, and no boot has used it yet. */
export function isOnMedium({ session }: Facts): boolean {
  return session.handedOver && !session.reachable;
}

/** In the ramdisk and beating as told. */
export function isPresent({
  session,
  now,
}: {
  session: Pick<Facts['session'], 'lastBeatAt' | 'intervalSeconds' | 'reachable'>;
  now: number;
}): boolean {
  return session.reachable && now - session.lastBeatAt <= session.intervalSeconds * 1000;
}

export interface PhaseContext<P extends Phase = Phase> {
  phase: P;
  node: Node;
  run: Run;
  event: RunEvent;
  facts: Facts;
}

/** A closed set: what a phase says of an event. Waiting always carries a reason. */
export type Outcome =
  | {
      go: 'next';
      run?: Partial<Run>;
      node?: Partial<Node>;
      insert?: Phase[];
      /** What `insert` brings replaces everything that was to come. */
      instead?: boolean;
      revoke?: boolean;
      lifecycle?: string;
      said?: string;
      /** Nothing that a person wants to read of. */
      quiet?: boolean;
    }
  | { go: 'exchange'; run?: Partial<Run>; node?: Partial<Node>; request: ExchangeRequest }
  | { go: 'wait'; run?: Partial<Run>; for: string }
  | { go: 'pause'; run?: Partial<Run>; seconds: number; for: string }
  | { go: 'hold'; run?: Partial<Run>; for: string }
  /**
   * Step and cause; `next` is what to do, where it is more than the verb that the failed state has. `stuck`: the agent
   * itself is, and whatever asks it next would fail in the same way.
   */
  | { go: 'fail'; reason: string; next?: string; stuck?: true };

const ASKS_AGENT: ReadonlySet<Phase['kind']> = new Set([
  'await-agent',
  'plan',
  'step',
  'command',
  'install-bootloader',
  'leave',
]);

/** Whoever this phase waits for in vain is the agent. */
export const asksAgent = ({ kind }: Phase): boolean => ASKS_AGENT.has(kind);

/** The phase as a person would name it: `deploy.write_image`, `await-agent`. */
export function phaseName(phase: Phase | undefined): string {
  if (!phase) return 'end';
  if (phase.kind === 'step' || phase.kind === 'driver-step') return `${phase.step['interface']}.${phase.step['step']}`;
  if (phase.kind === 'command') return phase.name;
  if (phase.kind === 'plan') return `get_${phase.of}_steps`;
  if (phase.kind === 'power') return phase.target;
  if (phase.kind === 'leave') return phase.command;
  if (phase.kind === 'by-hand') return `${phase.ends} by hand`;
  if (phase.kind === 'pause') return 'wait';
  if (phase.kind === 'collect-logs') return 'log.collect_system_logs';
  return phase.kind;
}
