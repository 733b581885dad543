/** Before each file: which generated inputs a law is tried with and how many, and no clock of another file's. */
import fc from 'fast-check';
import { afterAll, vi } from 'vitest';
import { numRuns, seed } from './runs.ts';

fc.configureGlobal({ seed, numRuns: numRuns(100) });

// Files share their worker.
afterAll(() => {
  vi.useRealTimers();
});
