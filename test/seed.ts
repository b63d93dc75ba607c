import fc from "fast-check";

/** Every property test runs from this seed, so that a run repeats; another one explores: `SEED=2 npm test`. */
fc.configureGlobal({ seed: Number(process.env.SEED ?? 1) });
