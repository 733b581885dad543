/** The `caBundle` of our MutatingWebhookConfiguration: what it must be, and what it already makes the API server trust. Pure. */
import type { Operation } from 'fast-json-patch';
import { splitPem } from './secret.ts';

/** What is read of it. */
export type WebhookConfiguration = {
  metadata: { name: string; uid: string; resourceVersion: string };
  webhooks?: { name: string; clientConfig: { caBundle?: string; service?: { name: string; namespace: string } } }[];
};

/**
 * JSON patch that gives every webhook the bundle; empty where all have it. It applies only to the very object that was
 * read: a Helm upgrade may add or reorder webhooks meanwhile.
 * @param bundle PEM
 */
export function caBundlePatch({ metadata, webhooks = [] }: WebhookConfiguration, bundle: string): Operation[] {
  const value = Buffer.from(bundle).toString('base64');
  const changes = webhooks.flatMap(({ clientConfig }, index): Operation[] =>
    clientConfig.caBundle === value ? [] : [{ op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value }],
  );
  if (changes.length === 0) return [];
  return [{ op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion }, ...changes];
}

/** Whether the API server, by this configuration, trusts what that authority signs, for every one of the webhooks. */
export function trusts({ webhooks = [] }: WebhookConfiguration, ca: string): boolean {
  const bundleOf = (text = '') => splitPem(Buffer.from(text, 'base64').toString());
  return webhooks.length > 0 && webhooks.every(({ clientConfig }) => bundleOf(clientConfig.caBundle).includes(ca));
}

/** Whether the API server asks nobody by this configuration. */
export const isOff = ({ webhooks = [] }: WebhookConfiguration): boolean => webhooks.length === 0;

/**
 * The first Service in it for which our certificate is not: two installations have the same name for their configurations, and each
 * would put its own CA there.
 * @param hosts names that the certificate is for
 * @returns as the API server calls it, `NAME.NAMESPACE.svc`
 * @see https://github.com/kubernetes/apiserver/blob/v0.35.0/pkg/util/webhook/client.go (serverName)
 */
export const otherService = ({ webhooks = [] }: WebhookConfiguration, hosts: readonly string[]): string | undefined =>
  webhooks
    .flatMap(({ clientConfig: { service } }) => (service ? [`${service.name}.${service.namespace}.svc`] : []))
    .find((name) => !hosts.includes(name));
