/** The page of an audit in a real browser. It needs Chromium, so its file has another name than those of `npm test`. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/e2e/page/*.chromium.ts'], testTimeout: 120_000, hookTimeout: 300_000 },
});
