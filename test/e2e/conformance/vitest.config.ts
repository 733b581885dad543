/** Two runners of the cases: see scripts/conformance.ts, which starts them. */
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'cluster',
          root: import.meta.dirname,
          include: ['cluster.conformance.ts'],
          globalSetup: [join(import.meta.dirname, '../cluster/suite/setup.ts')],
          // Each case has bounds of its own; this is for one that has forgotten them.
          testTimeout: 600_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'contained',
          root: import.meta.dirname,
          include: ['contained.conformance.ts'],
          // all-exit-codes runs 256 pods: a minute on two idle cores.
          testTimeout: 300_000,
        },
      },
    ],
  },
});
