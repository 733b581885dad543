/** Writes the `caBundle` of Clockout's MutatingWebhookConfiguration, by which the API server trusts the shared CA. */
import type { Operation } from 'fast-json-patch';
import { splitPem } from '../pem.ts';
import { type ConfigurationStore, maxAttempts, type WebhookConfiguration } from './store.ts';

/**
 * Gives every webhook the bundle. Others may change the configuration at the same time.
 * @param found the configuration as it was read
 * @param bundle PEM
 * @returns the configuration as it is afterwards
 */
export async function reconcileCaBundle(
  store: ConfigurationStore,
  found: WebhookConfiguration,
  bundle: string,
): Promise<{ configuration: WebhookConfiguration; isRepaired: boolean }> {
  let configuration = found;
  let isRepaired = false;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const patch = createCaBundlePatch(configuration, bundle);
    if (patch.length === 0) break;
    isRepaired = (await store.patchConfiguration(patch)) || isRepaired;
    configuration = (await store.readConfiguration()) ?? configuration;
  }
  return { configuration, isRepaired };
}

/**
 * @returns a JSON patch that gives every webhook the bundle; empty if all have it. It applies only to the object that was read:
 *   a Helm upgrade may add or reorder webhooks at the same time.
 */
export function createCaBundlePatch({ metadata, webhooks = [] }: WebhookConfiguration, bundle: string): Operation[] {
  const value = Buffer.from(bundle).toString('base64');
  const changes = webhooks.flatMap(({ clientConfig }, index): Operation[] =>
    clientConfig.caBundle === value ? [] : [{ op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value }],
  );
  if (changes.length === 0) return [];
  return [{ op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion }, ...changes];
}

/** Whether every webhook of the configuration has the CA in its bundle. */
export function isTrusted({ webhooks = [] }: WebhookConfiguration, ca: string): boolean {
  const split = (caBundle = '') => splitPem(Buffer.from(caBundle, 'base64').toString());
  return webhooks.length > 0 && webhooks.every(({ clientConfig }) => split(clientConfig.caBundle).includes(ca));
}

/** Whether the operator has turned Clockout off: the configuration has no webhooks, so the API server calls nothing. */
export const isTurnedOff = ({ webhooks = [] }: WebhookConfiguration): boolean => webhooks.length === 0;

/**
 * Finds a Service that the certificate is not valid for. It shows that another installation uses a configuration of the same
 * name: each of the two would write its own CA there.
 * @param hosts names that the certificate is valid for
 * @returns the name by which the API server calls the first such Service, `NAME.NAMESPACE.svc`
 * @see https://github.com/kubernetes/apiserver/blob/v0.35.0/pkg/util/webhook/client.go (serverName)
 */
export const findForeignService = (
  { webhooks = [] }: WebhookConfiguration,
  hosts: readonly string[],
): string | undefined =>
  webhooks
    .flatMap(({ clientConfig: { service } }) => (service ? [`${service.name}.${service.namespace}.svc`] : []))
    .find((name) => !hosts.includes(name));
