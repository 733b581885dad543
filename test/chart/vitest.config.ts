/** What needs Helm; the files are named *.chart.ts, so that `npm test` doesn't take them. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/chart/*.chart.ts'], globalSetup: ['test/chart/setup.ts'], testTimeout: 60_000 },
});
