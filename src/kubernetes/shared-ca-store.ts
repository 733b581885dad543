/** The Secret of the authorities and the webhook configuration, in the cluster. */
import {
  AdmissionregistrationV1Api,
  CoreV1Api,
  type KubeConfig,
  type V1MutatingWebhookConfiguration,
  type V1Secret,
} from '@kubernetes/client-node';
import type { SecretOwner, SharedStore } from '../certificates/shared-ca/reconcile.ts';
import { askApi, explainError } from './errors.ts';
import { bounded } from './request-timeout.ts';
import { follow } from './watch-object.ts';

export type CertificateObjects = {
  secret: { namespace: string; name: string };
  /** Name of the MutatingWebhookConfiguration. */
  configuration: string;
};

/** Every failure is thrown as an Error whose message is a sentence for the log. */
export function openCertificateStore(config: KubeConfig, { secret, configuration }: CertificateObjects) {
  const core = config.makeApiClient(CoreV1Api);
  const registration = config.makeApiClient(AdmissionregistrationV1Api);
  const secretTitle = `the Secret ${secret.namespace}/${secret.name}`;
  const configurationTitle = `the MutatingWebhookConfiguration ${configuration}`;

  const store: SharedStore = {
    readSecret: () =>
      askApi({ what: `read ${secretTitle}`, expected: [404] }, async () => {
        const { data = {}, metadata } = await core.readNamespacedSecret(secret, bounded());
        const owners = metadata?.ownerReferences?.map(({ uid }) => uid) ?? [];
        return { data, resourceVersion: `${metadata?.resourceVersion}`, owners };
      }),
    writeSecret: async (data, owner, resourceVersion) => {
      const body: V1Secret = {
        metadata: {
          ...secret,
          labels: { 'app.kubernetes.io/name': 'clockout' },
          ownerReferences: [ownerReference(owner)],
          ...(resourceVersion && { resourceVersion }),
        },
        type: 'Opaque',
        data,
      };
      // 409: another replica has made or changed it; 404: somebody has deleted it since it was read.
      const written = await askApi({ what: `write ${secretTitle}`, expected: [409, 404] }, async () =>
        resourceVersion === undefined
          ? await core.createNamespacedSecret({ namespace: secret.namespace, body }, bounded())
          : await core.replaceNamespacedSecret({ ...secret, body }, bounded()),
      );
      return written !== undefined;
    },
    readConfiguration: () =>
      askApi({ what: `read ${configurationTitle}`, expected: [404] }, async () =>
        configurationOf(await registration.readMutatingWebhookConfiguration({ name: configuration }, bounded())),
      ),
    patchConfiguration: async (body) => {
      // 422: its test of the version did not hold.
      const patched = await askApi({ what: `patch ${configurationTitle}`, expected: [404, 409, 422] }, () =>
        registration.patchMutatingWebhookConfiguration({ name: configuration, body }, bounded()),
      );
      return patched !== undefined;
    },
  };

  /** Calls back whenever one of the two may have changed. */
  const onChange = (changed: () => void, onError: (error: unknown) => void) => {
    const objects = [
      { name: secret.name, path: `/api/v1/namespaces/${secret.namespace}/secrets` },
      { name: configuration, path: '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations' },
    ];
    const followed = objects.map(({ name, path }) =>
      follow(config, { path, name, onChange: changed, onError: (error) => onError(explain(`watch ${name}`, error)) }),
    );
    return () => {
      for (const { stop } of followed) stop();
    };
  };
  return { store, onChange };
}

/** A namespaced object may be owned by one of the cluster. @see https://kubernetes.io/docs/concepts/architecture/garbage-collection/ */
const ownerReference = ({ name, uid }: SecretOwner) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  name,
  uid,
});

const explain = (what: string, error: unknown) => new Error(explainError(what, error), { cause: error });

function configurationOf({ metadata, webhooks = [] }: V1MutatingWebhookConfiguration) {
  return {
    metadata: {
      name: `${metadata?.name}`,
      uid: `${metadata?.uid}`,
      resourceVersion: `${metadata?.resourceVersion}`,
    },
    webhooks: webhooks.map(({ name, clientConfig: { caBundle, service } }) => ({
      name,
      clientConfig: {
        ...(caBundle !== undefined && { caBundle }),
        ...(service && { service: { name: service.name, namespace: service.namespace } }),
      },
    })),
  };
}
