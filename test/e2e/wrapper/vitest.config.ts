/** The wrapper and the guard in namespaces of their own, as root: see scripts/test-wrapper.ts, which starts this. */
import { defineConfig } from 'vitest/config';
import { crossSection, isCrossSection, patternOf } from '../../project/cross-section.ts';

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.contained.ts'],
    fileParallelism: false,
    maxConcurrency: 4,
    testTimeout: 120_000,
    reporters: ['verbose'],
    ...(isCrossSection && { testNamePattern: patternOf(crossSection.wrapper) }),
  },
});
