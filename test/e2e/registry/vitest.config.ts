/** What needs a real registry and real images; the files are named *.registry.ts, so that `npm test` doesn't take them. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/e2e/registry/*.registry.ts'],
    globalSetup: ['test/e2e/registry/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 300_000,
  },
});
