/** The tests that need the cluster; they are named *.cluster.ts, so that `npm test` doesn't take them. */
import { defineConfig } from 'vitest/config';
import { crossSection, isCrossSection, patternOf } from '../../project/cross-section.ts';

export default defineConfig({
  test: {
    include: ['test/e2e/cluster/suite/*.cluster.ts'],
    globalSetup: ['test/e2e/cluster/suite/setup.ts'],
    // Files one after the other, since some count what others would add to; tests of one file together.
    fileParallelism: false,
    maxConcurrency: 6,
    testTimeout: 180_000,
    hookTimeout: 300_000,
    reporters: ['verbose'],
    ...(isCrossSection && { testNamePattern: patternOf(crossSection.cluster) }),
  },
});
