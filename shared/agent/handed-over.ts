import type { Run } from '../run/run.ts';
import type { Session } from './session-store.ts';

/** The boot that a phase of a run brings about, as sessions note it: the same when the phase is carried out again. */
export const bootOf = ({ sequence, cursor }: Pick<Run, 'sequence' | 'cursor'>): string => `${sequence}/${cursor}`;

/** The live token is on a medium, and nobody has used it yet. */
export const isUnused = (session: Session): boolean =>
  session.handedOver !== undefined && session.tokenHash !== undefined && session.bootFingerprint === undefined;

/** It was put there for a boot of this run, used since or not. */
export const isForRun = ({ handedOver }: Session, run: Pick<Run, 'sequence'>): boolean =>
  handedOver?.split('/')[0] === String(run.sequence);
