/** The small item of a node that every heartbeat writes, as it was *before* the write. */
export interface Session {
  node: string;
  /** Token generation; 0 = never issued. The token is derived from (node, generation). */
  generation: number;
  /** base64url SHA-256 of the token; absent when no token is live. */
  tokenHash?: string;
  /** True when this generation belongs to a 2014 agent that has no token. */
  tokenless?: boolean;
  beats: number;
  /** ms of the last beat (0 = none in this generation), and of the issue of this generation. */
  lastBeatAt: number;
  issuedAt: number;
  /** Told to the agent. */
  intervalSeconds: number;
  /** The boot (handed-over.ts) for which the token of this generation was put on a medium; absent when lookup gives it. */
  handedOver?: string;
  /** Fingerprint of callback URL and certificate of this boot; set by its first beat. */
  bootFingerprint?: string;
  /** Only while a run waits. */
  taskToken?: string;
  /** When the task that armed last came in (ms): a later one wins. */
  armedBy?: number;
  /** What the sweep has noted of a silent agent. */
  missing?: Missing;
}

/** A silent agent is looked for before it counts as lost. Another count of beats than the session's: it has come back. */
export interface Missing {
  beats: number;
  /** ms: since when it is looked for without a pause of ours, and when last. */
  since: number;
  lookedAt: number;
  /** The loss is in the node's history. */
  told: boolean;
}

/** What a boot told in its first heartbeat. */
export interface Boot {
  node: string;
  generation: number;
  callbackUrl: string;
  /** PEM, pinned; absent when the agent has no TLS. */
  certificate?: string;
  agentVersion?: string;
  startedAt: number;
}

export interface Beat {
  node: string;
  /** base64url SHA-256 of the token that came with the beat; absent for tokenless agents. */
  tokenHash?: string;
  bootFingerprint: string;
  at: number;
}

export type BeatOutcome =
  | { accepted: true; before: Session }
  /** No boot recorded yet for this generation: store the boot (`firstBeat`) and it counts. */
  | { accepted: false; reason: 'first-beat'; session: Session }
  | { accepted: false; reason: 'wrong-token' | 'other-boot'; session: Session }
  | { accepted: false; reason: 'no-node' };

/**
 * Sessions and boots: table `agents`. `beat` is exactly one conditional UpdateItem.
 * Throws `Unavailable` when the store could not be asked.
 */
export interface SessionStore {
  get(node: string): Promise<Session | undefined>;
  boot(node: string, generation: number): Promise<Boot | undefined>;
  /**
   * Starts a generation, if the stored one is still `expected` (and, with `onlyIfSilentSince`, no beat came after it).
   * Clears beats' fingerprint and the last hand-over; keeps taskToken and armedBy. Returns the session before, or undefined when the condition failed.
   */
  issue(
    node: string,
    expected: number,
    next: {
      tokenHash?: string;
      tokenless?: boolean;
      intervalSeconds: number;
      at: number;
      lastBeatAt?: number;
      handedOver?: string;
    },
  ): Promise<Session | undefined>;
  /** No token is live any more: generation + 1 without hash. `expected` as in `issue`. */
  revoke(node: string, expected: number): Promise<boolean>;
  beat(beat: Beat): Promise<BeatOutcome>;
  /** Stores the boot, then counts its first beat (condition: same token, no fingerprint yet). */
  firstBeat(beat: Beat, boot: Boot): Promise<BeatOutcome>;
  /** Stores the task token if `beats` and `generation` are still those and nobody with a higher `armedBy` was here. */
  arm(
    node: string,
    waiter: { taskToken: string; armedBy: number; beats: number; generation: number },
  ): Promise<boolean>;
  /** Removes the task token, if it is of `armedBy` or older. */
  disarm(node: string, armedBy: number): Promise<void>;
  /** Every session. */
  list(): Promise<Session[]>;
  /** Some of them, and where to go on: for who must not read for ever. Without `next` it was the last page. */
  page(after?: string): Promise<{ sessions: Session[]; next?: string }>;
  /** Notes that the agent is missing, unless it has beaten since: then false. */
  miss(node: string, missing: Missing): Promise<boolean>;
}
