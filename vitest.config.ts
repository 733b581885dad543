import { defineConfig } from 'vitest/config';

// `npm test`: what needs nothing but Node.js. The wrapper's and the cluster's own suites have other names for their files.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    // Loading the modules anew for each file would take half of all its CPU time.
    isolate: false,
    // Many tests wait for the network of this machine, or for a clock.
    maxWorkers: '100%',
    setupFiles: ['test/support/setup.ts'],
  },
});
