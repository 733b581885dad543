/**
 * Test files that take longer than a second or two: `npm run test:quick` and `npm run dev` leave them out. Most wait for a clock or a
 * program; bundle.test.ts and one-file.test.ts need a build.
 */
export const slowFiles = [
  'test/ci/run-part.test.ts',
  'test/ci/run.test.ts',
  'test/commands/one-file.test.ts',
  'test/image-lookup/cache/cached-pull.test.ts',
  'test/image-lookup/lookup.test.ts',
  'test/image-lookup/mirror-credentials.test.ts',
  'test/image-lookup/try-credentials.test.ts',
  'test/kubernetes/template-store.test.ts',
  'test/kubernetes/templates.test.ts',
  'test/main.test.ts',
  'test/manifests/laws.test.ts',
  'test/manifests/undo/laws.test.ts',
  'test/oci/credentials/docker-config.test.ts',
  'test/oci/credentials/local-config.test.ts',
  'test/oci/dns/resolve.test.ts',
  'test/oci/hostile.test.ts',
  'test/oci/http/retry.test.ts',
  'test/oci/http/transport.test.ts',
  'test/oci/pull-config.test.ts',
  'test/project/hostile-text.test.ts',
  'test/server/bundle.test.ts',
  'test/server/https.test.ts',
  'test/telemetry/output.test.ts',
  'test/util/lru.test.ts',
  'test/wrapper/run.test.ts',
];
