/** Tests that need Helm. Their files are named *.chart.ts, so that `npm test` doesn't run them. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/e2e/chart/*.chart.ts'], globalSetup: ['test/e2e/chart/setup.ts'], testTimeout: 60_000 },
});
