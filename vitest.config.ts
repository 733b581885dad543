import { configDefaults, defineConfig } from 'vitest/config';
import { slowFiles } from './test/support/slow-files.ts';

/** `npm test`: what needs only Node.js. `--mode quick` leaves the slow files out. The suites in test/e2e/ have other names. */
export default defineConfig(({ mode }) => ({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(mode === 'quick' ? slowFiles : [])],
    testTimeout: 30_000,
    // A second, the default, is too short on a busy machine.
    expect: { poll: { timeout: 25_000 } },
    // Files share their process: loading the modules again for each takes half of all CPU time.
    isolate: false,
    // Many tests wait for the network of this machine, or for a clock.
    maxWorkers: '100%',
    setupFiles: ['test/support/setup.ts'],
    coverage: { include: ['src/**/*.ts'], reporter: ['text'] },
  },
}));
