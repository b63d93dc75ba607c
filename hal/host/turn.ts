let stirred = false;

/** To be called by whatever hands work to Node's streams, which do it on later turns of their own. */
export function stir(): void {
  stirred = true;
}

/** Settles when Node's streams have done what they were handed; undefined when they are at rest. Virtual time stands still meanwhile. */
export function settled(): Promise<void> | undefined {
  if (!stirred) return undefined;
  // Streams use process.nextTick only, and Node runs all of that, also what it adds, before the next immediate.
  return new Promise((resolve) =>
    setImmediate(() => {
      stirred = false;
      resolve();
    }),
  );
}
