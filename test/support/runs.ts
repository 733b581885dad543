/** So many of what takes long, where FULL=1; else a third. */
export const amount = (full: number): number => (process.env.FULL === '1' ? full : Math.ceil(full / 3));

/** How often a law is tried: RUNS=1000 says it outright. */
export const numRuns = (full: number): number => Number(process.env.RUNS || amount(full));
