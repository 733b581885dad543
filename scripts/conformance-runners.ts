/** What runs the cases: those in process namespaces, and those on the cluster, which must be up. */
const config = ['--config', 'test/e2e/conformance/vitest.config.ts', '--project'];

/** Each wrapped pod requests a twentieth of the node's two cores, and mostly waits. */
export const runners = {
  contained: ['node', 'scripts/test-wrapper.ts', '--only', 'musl', ...config, 'contained', '--maxConcurrency', '4'],
  cluster: ['npx', 'vitest', 'run', ...config, 'cluster', '--maxConcurrency', '10'],
};
