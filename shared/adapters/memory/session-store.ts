import type { Beat, BeatOutcome, Boot, Missing, Session, SessionStore } from '../../agent/session-store.ts';
import type { MemoryTables } from './tables.ts';

type Next = Parameters<SessionStore['issue']>[2];
/** As many as a page of a real store may hold. */
const PAGE = 100;

export class MemorySessionStore implements SessionStore {
  readonly #tables: MemoryTables;
  constructor(tables: MemoryTables) {
    this.#tables = tables;
  }

  get(node: string): Promise<Session | undefined> {
    return this.#tables.faults.perform('sessions.get', () => this.#tables.sessions.get(node));
  }

  list(): Promise<Session[]> {
    return this.#tables.faults.perform('sessions.list', () => [...this.#tables.sessions.values()]);
  }

  page(after?: string): Promise<{ sessions: Session[]; next?: string }> {
    return this.#tables.faults.perform('sessions.page', () => {
      const all = [...this.#tables.sessions.values()];
      const from = after === undefined ? 0 : all.findIndex(({ node }) => node === after) + 1;
      const sessions = all.slice(from, from + PAGE);
      const last = sessions.at(-1);
      return { sessions, ...(last && from + PAGE < all.length && { next: last.node }) };
    });
  }

  miss(node: string, missing: Missing): Promise<boolean> {
    return this.#tables.faults.perform('sessions.miss', () => {
      const before = this.#tables.sessions.get(node);
      if (before?.beats !== missing.beats) return false;
      this.#tables.sessions.set(node, { ...before, missing });
      return true;
    });
  }

  boot(node: string, generation: number): Promise<Boot | undefined> {
    return this.#tables.faults.perform('sessions.boot', () => {
      const boots = (this.#tables.boots.get(node) ?? []).filter((one) => one.boot.generation === generation);
      const session = this.#tables.sessions.get(node);
      const chosen = (one: { fingerprint: string }) => one.fingerprint === session?.bootFingerprint;
      return (session?.generation === generation ? boots.find(chosen) : boots.at(-1))?.boot;
    });
  }

  issue(node: string, expected: number, next: Next): Promise<Session | undefined> {
    return this.#tables.faults.perform('sessions.issue', () => {
      const before = this.#tables.sessions.get(node);
      if (before?.generation !== expected) return undefined;
      if (next.lastBeatAt !== undefined && next.lastBeatAt !== before.lastBeatAt) return undefined;
      this.#tables.sessions.set(node, {
        ...withoutToken(before),
        issuedAt: next.at,
        intervalSeconds: next.intervalSeconds,
        ...(next.tokenHash !== undefined && { tokenHash: next.tokenHash }),
        ...(next.tokenless && { tokenless: true }),
        ...(next.handedOver !== undefined && { handedOver: next.handedOver }),
      });
      return before;
    });
  }

  revoke(node: string, expected: number): Promise<boolean> {
    return this.#tables.faults.perform('sessions.revoke', () => {
      const before = this.#tables.sessions.get(node);
      if (before?.generation !== expected) return false;
      this.#tables.sessions.set(node, withoutToken(before));
      return true;
    });
  }

  beat(beat: Beat): Promise<BeatOutcome> {
    return this.#tables.faults.perform('sessions.beat', () => this.#count(beat));
  }

  firstBeat(beat: Beat, boot: Boot): Promise<BeatOutcome> {
    return this.#tables.faults.perform('sessions.firstBeat', () => {
      const others = (this.#tables.boots.get(beat.node) ?? []).filter(
        (one) => one.boot.generation !== boot.generation || one.fingerprint !== beat.bootFingerprint,
      );
      const stored = { fingerprint: beat.bootFingerprint, boot: structuredClone(boot) };
      this.#tables.boots.set(beat.node, [...others, stored]);
      return this.#count(beat, boot.generation);
    });
  }

  arm(node: string, waiter: Parameters<SessionStore['arm']>[1]): Promise<boolean> {
    return this.#tables.faults.perform('sessions.arm', () => {
      const before = this.#tables.sessions.get(node);
      const { taskToken, armedBy } = waiter;
      if (before?.generation !== waiter.generation || before.beats !== waiter.beats) return false;
      if ((before.armedBy ?? armedBy) > armedBy) return false;
      this.#tables.sessions.set(node, { ...before, taskToken, armedBy });
      return true;
    });
  }

  disarm(node: string, armedBy: number): Promise<void> {
    return this.#tables.faults.perform('sessions.disarm', () => {
      const before = this.#tables.sessions.get(node);
      if (!before || (before.armedBy ?? armedBy) > armedBy) return;
      const { taskToken: _, ...rest } = before;
      this.#tables.sessions.set(node, rest);
    });
  }

  /** `opens` is the generation whose first beat this is. */
  #count(beat: Beat, opens?: number): BeatOutcome {
    const session = this.#tables.sessions.get(beat.node);
    if (!session) return { accepted: false, reason: 'no-node' };
    const known = beat.tokenHash === undefined ? session.tokenless === true : beat.tokenHash === session.tokenHash;
    if (!known || (opens !== undefined && opens !== session.generation)) {
      return { accepted: false, reason: 'wrong-token', session };
    }
    const fresh = session.bootFingerprint === undefined;
    if (fresh && opens === undefined) return { accepted: false, reason: 'first-beat', session };
    if (!fresh && session.bootFingerprint !== beat.bootFingerprint) {
      return { accepted: false, reason: 'other-boot', session };
    }
    const counted = { beats: session.beats + 1, lastBeatAt: beat.at, bootFingerprint: beat.bootFingerprint };
    this.#tables.sessions.set(beat.node, { ...session, ...counted });
    return { accepted: true, before: session };
  }
}

/** The next generation, without anything that the last one's agent could use. */
function withoutToken(session: Session): Session {
  const { tokenHash: _hash, tokenless: _tokenless, bootFingerprint: _boot, ...live } = session;
  const { missing: _missing, handedOver: _medium, ...rest } = live;
  return { ...rest, generation: session.generation + 1, beats: session.beats + 1, lastBeatAt: 0 };
}
