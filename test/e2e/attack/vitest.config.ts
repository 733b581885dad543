/** Attacks on a built server, in memory cgroups; the file is named *.attack.ts, so that `npm test` doesn't take it. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/e2e/attack/*.attack.ts'],
    globalSetup: ['test/e2e/attack/setup.ts'],
    testTimeout: 240_000,
    hookTimeout: 300_000,
  },
});
