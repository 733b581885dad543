/** The two objects of a cluster that the shared CA needs, in memory. test/e2e/cluster has the real ones. */
import jsonPatch from 'fast-json-patch';
import type { SharedCaStore, WebhookConfiguration } from '../../../src/certificates/shared-ca/store.ts';

type Service = { name: string; namespace: string };

/** As in the API server, a write must name the current version. */
export function createFakeCluster() {
  let version = 1;
  let secret: { data: Record<string, string>; resourceVersion: string; owners: string[] } | undefined;
  let configuration: WebhookConfiguration | undefined = {
    metadata: { name: 'zz-clockout', uid: 'u', resourceVersion: '1' },
    webhooks: [
      { name: 'a.clockout.dev', clientConfig: {} },
      { name: 'b.clockout.dev', clientConfig: {} },
    ],
  };
  const keep = (next: WebhookConfiguration) => {
    configuration = { ...next, metadata: { ...next.metadata, resourceVersion: `${++version}` } };
  };
  const pause = () => new Promise((resolve) => setImmediate(resolve));
  const store: SharedCaStore = {
    secret: { namespace: 'mesh', name: 'clockout-ca' },
    readSecret: async () => {
      await pause();
      return secret;
    },
    writeSecret: async (data, owner, resourceVersion) => {
      await pause();
      if (secret?.resourceVersion !== resourceVersion) return false;
      secret = { data, resourceVersion: `${++version}`, owners: [owner.uid] };
      return true;
    },
    readConfiguration: async () => {
      await pause();
      return structuredClone(configuration);
    },
    patchConfiguration: async (patch) => {
      await pause();
      try {
        const { newDocument } = jsonPatch.applyPatch(structuredClone(configuration), patch, true);
        keep(newDocument as WebhookConfiguration);
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
    hasSecret: () => secret !== undefined,
    setSecret: (data: Record<string, string>) => {
      secret = { data, resourceVersion: `${++version}`, owners: ['u'] };
    },
    removeSecret: () => {
      secret = undefined;
    },
    owners: () => secret?.owners,
    removeConfiguration: () => {
      configuration = undefined;
    },
    /** Does what `kubectl patch --patch '{"webhooks":[]}'` does. */
    turnOff: () => configuration && keep({ ...configuration, webhooks: [] }),
    /** Creates it as the chart does: without a caBundle. */
    setConfiguration: ({ uid = 'u', service }: { uid?: string; service?: Service } = {}) =>
      keep({
        metadata: { name: 'zz-clockout', uid, resourceVersion: '' },
        webhooks: [{ name: 'a.clockout.dev', clientConfig: { ...(service && { service }) } }],
      }),
  };
}
