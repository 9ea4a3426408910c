import { documentKey } from '../documents.ts';
import type { PassedOver } from '../enrollment/decide-enrolment.ts';
import { type Evidence, macsOf } from '../identity/evidence.ts';
import type { Explanation } from '../identity/explanation.ts';
import { rowOf } from '../identity/kinds.ts';
import type { Stored, UniqueValue } from '../resource/resource-store.ts';

/**
 * `held`: a policy says that a person decides; `conflict`: it is like a node, or several; `refused`: it showed too little to be
 * found again by; `denied`: a policy or its join token said no. A person makes it `approved` or `rejected`.
 */
export const SUBMISSION_STATES = ['held', 'conflict', 'refused', 'denied', 'approved', 'rejected'] as const;
export type SubmissionState = (typeof SUBMISSION_STATES)[number];
/** What waits for a person. */
export const WAITING: readonly SubmissionState[] = ['held', 'conflict', 'refused'];
/** Of whom no person has said anything. */
export const UNDECIDED: readonly SubmissionState[] = [...WAITING, 'denied'];

/** A machine that is nobody's, as it was last seen. One row a machine. */
export interface Submission extends Stored {
  state: SubmissionState;
  evidence: Evidence;
  explanation: Explanation;
  /** Lines for people. */
  reasons: string[];
  reason: string;
  policy: string | null;
  passed: PassedOver[];
  /** When a hook was last asked about it, and on what (a digest): the same is not asked again at once. */
  asked?: { at: string; of: string };
  /** Nodes that it is like. */
  candidates: string[];
  source: { address: string | null; request: 'lookup' | 'inspection'; join_token: string | null };
  first_seen_at: string;
  last_seen_at: string;
  count: number;
  /** Its inventory is among the documents. */
  has_inventory: boolean;
  /** Values by which this row is found: what it holds of the store's claims. */
  keys: string[];
  /** MACs of a rejected row that it was shown with after the decision. */
  gained?: string[];
  node: string | null;
  decision: { as: 'new' | 'node' | 'policy' | null; node: string | null; reason: string | null } | null;
  decided_by: string | null;
  decided_at: string | null;
}

const KEY = 'submission_key';
export const uniqueOf = (key: string): UniqueValue => ({ kind: KEY, value: key });

/** By which a machine is found again: MACs are its own, the other values are when nobody else has them. */
export function keysOf(evidence: Evidence): { own: string[]; soft: string[] } {
  const soft = evidence.items.filter(({ kind }) => kind !== 'mac' && rowOf(kind).claim !== undefined);
  return {
    own: macsOf(evidence)
      .map((mac) => `mac ${mac}`)
      .sort(),
    soft: soft.map(({ kind, value }) => `${kind} ${value}`).sort(),
  };
}

export const documentOf = (uuid: string): string => documentKey('submissions', `${uuid}.json`);
