/** What a replica sees of a cluster, in memory. The real one is asked in test/cluster. */
import jsonPatch from 'fast-json-patch';
import type { WebhookConfiguration } from '../../src/certificates/ca-bundle.ts';
import type { SharedStore } from '../../src/certificates/shared.ts';

/** A cluster's two objects, with the API server's rule that only who knows the last version may write. */
export function cluster() {
  let version = 1;
  let secret: { data: Record<string, string>; resourceVersion: string; owners: string[] } | undefined;
  let configuration: WebhookConfiguration | undefined = {
    metadata: { name: 'zz-clockout', uid: 'u', resourceVersion: '1' },
    webhooks: [
      { name: 'a.clockout.dev', clientConfig: {} },
      { name: 'b.clockout.dev', clientConfig: {} },
    ],
  };
  const pause = () => new Promise((resolve) => setImmediate(resolve));
  const store: SharedStore = {
    readSecret: async () => {
      await pause();
      return secret;
    },
    writeSecret: async (data, resourceVersion, owner) => {
      await pause();
      if (secret?.resourceVersion !== resourceVersion) return false;
      secret = { data, resourceVersion: `${++version}`, owners: owner ? [owner.uid] : [] };
      return true;
    },
    readConfiguration: async () => {
      await pause();
      return structuredClone(configuration);
    },
    patchConfiguration: async (patch) => {
      await pause();
      try {
        const document = jsonPatch.applyPatch(structuredClone(configuration), patch, true).newDocument;
        configuration = {
          ...document,
          metadata: { name: 'zz-clockout', uid: 'u', resourceVersion: `${++version}` },
        } as WebhookConfiguration;
        return true;
      } catch {
        return false;
      }
    },
  };
  return {
    store,
    version: () => version,
    bundle: () => Buffer.from(configuration?.webhooks?.[0]?.clientConfig.caBundle ?? '', 'base64').toString(),
    setSecret: (data: Record<string, string>) => {
      secret = { data, resourceVersion: `${++version}`, owners: ['u'] };
    },
    owners: () => secret?.owners,
    setConfiguration: (next: WebhookConfiguration | undefined) => {
      configuration = next && { ...next, metadata: { name: 'zz-clockout', uid: 'u', resourceVersion: `${++version}` } };
    },
    readConfiguration: () => configuration,
  };
}
