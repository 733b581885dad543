/** So many of what takes long, where FULL=1; else a third. */
export const amount = (full: number): number => (process.env.FULL === '1' ? full : Math.ceil(full / 3));

/** How often a law is tried: RUNS=1000 says it outright. */
export const numRuns = (full: number): number => Number(process.env.RUNS || amount(full));

/**
 * Where the generated inputs of all laws start: the same on each run, so that a change is judged by what it changes. SEED=7 tries
 * others, and so does `npm run fuzz`.
 */
export const seed = Number(process.env.SEED || 1);
