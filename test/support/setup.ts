/** Before each file: how many generated inputs a law is tried with, and no clock of another file's. */
import fc from 'fast-check';
import { afterAll, vi } from 'vitest';
import { numRuns } from './runs.ts';

fc.configureGlobal({ numRuns: numRuns(100) });

// Files share their worker.
afterAll(() => {
  vi.useRealTimers();
});
