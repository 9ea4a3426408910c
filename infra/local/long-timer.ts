/** Above this many milliseconds a timer overflows and fires at once. */
const LONGEST_MS = 2_147_483_000;

/** A timer of any length. Returns what cancels it. */
export function after(ms: number, act: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = (left: number): void => {
    timer = setTimeout(() => (left > LONGEST_MS ? arm(left - LONGEST_MS) : act()), Math.min(left, LONGEST_MS));
  };
  arm(ms);
  return () => clearTimeout(timer);
}
