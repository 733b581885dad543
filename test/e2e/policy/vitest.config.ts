/** `clockout policy` on an API server of a newer release than the cluster's. It needs Go and etcd. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/e2e/policy/*.apiserver.ts'],
    globalSetup: ['test/e2e/policy/setup.ts'],
    testTimeout: 60_000,
  },
});
