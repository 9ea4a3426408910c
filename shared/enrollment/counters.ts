/**
 * Numbers that all processes share: how many were enrolled in this minute, by this policy, and so on. A crash between
 * `take` and `giveBack` leaves a number too high, never too low. Throws `Unavailable` when the store could not be asked.
 */
export interface Counters {
  /** Adds one, unless that would be more than `most`: then false. After `expiresAt` (ms) it may be forgotten. */
  take(counter: string, most: number, expiresAt?: number): Promise<boolean>;
  giveBack(counter: string): Promise<void>;
  /** What somebody has counted. A counter that nobody has used stays unmade. */
  set(counter: string, value: number): Promise<void>;
  /**
   * Takes one of `most` places under a name of its own, noting when (ms): who dies with it can be found, and a place that
   * is held already is held on. False when others have them all.
   */
  hold(counter: string, holder: string, most: number, at: number): Promise<boolean>;
  /** Gives a place up; with `heldAt` only if it was not taken anew since. */
  letGo(counter: string, holder: string, heldAt?: number): Promise<void>;
  holders(counter: string): Promise<{ holder: string; heldAt: number }[]>;
}

/**
 * A place among `most` of this minute. Newcomers have one half of them and who came before has both, so that a flood of
 * strangers, each seen once, leaves room for machines that come back.
 */
export async function takeShare(
  counters: Pick<Counters, 'take'>,
  of: { name: string; most: number; cameBefore: boolean; now: number },
): Promise<boolean> {
  const half = Math.ceil(of.most / 2);
  const again = minuteOf(`${of.name} again`, of.now);
  if (of.cameBefore && (await counters.take(again.counter, of.most - half, again.expiresAt))) return true;
  const first = minuteOf(of.name, of.now);
  return counters.take(first.counter, half, first.expiresAt);
}

/** The counter of this minute, which nobody needs afterwards. */
export function minuteOf(name: string, now: number): { counter: string; expiresAt: number } {
  const minute = Math.floor(now / 60_000);
  return { counter: `${name}#${minute}`, expiresAt: (minute + 60) * 60_000 };
}
