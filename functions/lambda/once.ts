/** Made on first use, kept as long as the environment lives. What failed is tried again by the next caller. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
