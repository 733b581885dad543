/** Reads pull secrets, and the service accounts that name some, from the API server. */
import { CoreV1Api, type KubeConfig } from '@kubernetes/client-node';
import type { PullSecretReaders } from '../image-lookup/pull-secrets.ts';
import { askApi } from './errors.ts';
import { createTimeout } from './request-timeout.ts';

/** Needs `get` on secrets, and on serviceaccounts for the warm-up. */
export function createSecretReaders(config: KubeConfig): PullSecretReaders {
  const core = config.makeApiClient(CoreV1Api);
  return {
    readSecret: (namespace, name) =>
      askApi({ what: `read the Secret ${namespace}/${name}`, expected: [404], remedy }, async () => {
        const { type, data } = await core.readNamespacedSecret({ namespace, name }, createTimeout());
        return { ...(type && { type }), ...(data && { data }) };
      }),
    readServiceAccount: (namespace, name) =>
      askApi({ what: `read the ServiceAccount ${namespace}/${name}`, expected: [404], remedy }, async () => {
        const { imagePullSecrets = [] } = await core.readNamespacedServiceAccount({ namespace, name }, createTimeout());
        return { imagePullSecrets };
      }),
  };
}

// --- internal ---

const remedy = 'the chart values `registry.pullSecrets` and `registry.pullSecretNamespaces` say what Clockout may read';
