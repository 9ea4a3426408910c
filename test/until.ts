const LOOKS_EVERY_MS = 20;

/** What `look` sees at last. Nothing, or false, is looked at again; fails with what it waited for in vain. */
export async function until<Seen>(
  what: string,
  look: () => Seen | Promise<Seen>,
  seconds = 60,
): Promise<Exclude<Seen, undefined | false>> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen as Exclude<Seen, undefined | false>;
    if (performance.now() > end) throw new Error(`waited ${seconds} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOKS_EVERY_MS));
  }
}
