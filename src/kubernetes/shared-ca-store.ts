/** Reads and writes the Secret of the shared CA and the webhook configuration with its caBundle, in the cluster. */
import {
  AdmissionregistrationV1Api,
  CoreV1Api,
  type KubeConfig,
  type V1MutatingWebhookConfiguration,
  type V1Secret,
} from '@kubernetes/client-node';
import type {
  ConfigurationStore,
  SecretOwner,
  SharedCaStore,
  WebhookConfiguration,
} from '../certificates/shared-ca/store.ts';
import { askApi, explainError } from './errors.ts';
import { createTimeout } from './request-timeout.ts';
import { watchObject } from './watch-object.ts';

export type SharedCaObjects = {
  secret: { namespace: string; name: string };
  /** Name of the MutatingWebhookConfiguration. */
  configuration: string;
  /** Name of the one whose webhook asks Istio, if there is one. */
  asking?: string | undefined;
};

/** Every failure is thrown as an Error whose message is a sentence for the log. */
export function openSharedCaStore(config: KubeConfig, { secret, configuration, asking }: SharedCaObjects) {
  const core = config.makeApiClient(CoreV1Api);
  const registration = config.makeApiClient(AdmissionregistrationV1Api);
  const secretTitle = `the Secret ${secret.namespace}/${secret.name}`;

  const store: SharedCaStore = {
    secret,
    readSecret: () =>
      askApi({ what: `read ${secretTitle}`, expected: [404] }, async () => {
        const { data = {}, metadata } = await core.readNamespacedSecret(secret, createTimeout());
        const owners = metadata?.ownerReferences?.map(({ uid }) => uid) ?? [];
        return { data, resourceVersion: `${metadata?.resourceVersion}`, owners };
      }),
    writeSecret: async (data, owner, resourceVersion) => {
      const body: V1Secret = {
        metadata: {
          ...secret,
          labels: { 'app.kubernetes.io/name': 'clockout' },
          ownerReferences: [createOwnerReference(owner)],
          ...(resourceVersion && { resourceVersion }),
        },
        type: 'Opaque',
        data,
      };
      // 409: another replica has created or changed it. 404: it was deleted since it was read.
      const written = await askApi({ what: `write ${secretTitle}`, expected: [409, 404] }, async () =>
        resourceVersion === undefined
          ? await core.createNamespacedSecret({ namespace: secret.namespace, body }, createTimeout())
          : await core.replaceNamespacedSecret({ ...secret, body }, createTimeout()),
      );
      return written !== undefined;
    },
    ...openConfiguration(registration, configuration),
    ...(asking !== undefined && { asking: openConfiguration(registration, asking) }),
  };

  /** Calls back whenever one of the objects may have changed. */
  const onChange = (changed: () => void, onError: (error: unknown) => void) => {
    const objects = [
      { name: secret.name, path: `/api/v1/namespaces/${secret.namespace}/secrets`, title: secretTitle },
      ...[configuration, ...(asking === undefined ? [] : [asking])].map((name) => ({
        name,
        path: configurationsPath,
        title: configurationTitle(name),
      })),
    ];
    const watched = objects.map(({ name, path, title }) =>
      watchObject(config, {
        path,
        name,
        onChange: changed,
        onError: (error) => onError(new Error(explainError(`watch ${title}`, error), { cause: error })),
      }),
    );
    return () => {
      for (const { stop } of watched) stop();
    };
  };
  return { store, onChange };
}

// --- internal ---

const configurationsPath = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

const configurationTitle = (name: string) => `the MutatingWebhookConfiguration ${name}`;

function openConfiguration(registration: AdmissionregistrationV1Api, name: string): ConfigurationStore {
  const title = configurationTitle(name);
  return {
    readConfiguration: () =>
      askApi({ what: `read ${title}`, expected: [404] }, async () =>
        selectFields(await registration.readMutatingWebhookConfiguration({ name }, createTimeout())),
      ),
    patchConfiguration: async (body) => {
      // 422: the patch is for another version of the object.
      const patched = await askApi({ what: `patch ${title}`, expected: [404, 409, 422] }, () =>
        registration.patchMutatingWebhookConfiguration({ name, body }, createTimeout()),
      );
      return patched !== undefined;
    },
  };
}

/** A cluster-wide object may own one in a namespace. @see https://kubernetes.io/docs/concepts/architecture/garbage-collection/ */
const createOwnerReference = ({ name, uid }: SecretOwner) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  name,
  uid,
});

const selectFields = ({ metadata, webhooks = [] }: V1MutatingWebhookConfiguration): WebhookConfiguration => ({
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
});
