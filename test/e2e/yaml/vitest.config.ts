/** The comparison with Kubernetes' own decoder. It needs Go, so its file has another name than those of `npm test`. */
import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['test/e2e/yaml/*.decoder.ts'], testTimeout: 300_000 } });
