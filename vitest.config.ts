import { defineConfig } from 'vitest/config';

// `npm test`: what needs nothing but Node.js. The wrapper's and the cluster's own suites have other names for their files.
export default defineConfig({ test: { include: ['test/**/*.test.ts'], testTimeout: 30_000 } });
