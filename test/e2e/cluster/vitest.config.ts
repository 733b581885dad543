/** The tests that need the cluster; they are named *.cluster.ts, so that `npm test` doesn't take them. */
import { configDefaults, defineConfig } from 'vitest/config';
import { crossSection, isCrossSection, patternOf } from '../../project/cross-section.ts';
import { needsOfFiles } from './own-cluster.ts';
import { isOwnCluster } from './paths.ts';

export default defineConfig({
  test: {
    include: ['test/e2e/cluster/suite/*.cluster.ts'],
    exclude: [
      ...configDefaults.exclude,
      ...(isOwnCluster ? Object.keys(needsOfFiles).map((file) => `**/${file}`) : []),
    ],
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
