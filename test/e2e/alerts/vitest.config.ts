/** Tests that need Prometheus. Their files are named *.alerts.ts, so that `npm test` doesn't run them. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/e2e/alerts/*.alerts.ts'],
    globalSetup: ['test/e2e/alerts/setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
