/** Reads a MutatingWebhookConfiguration, and finds out whose it is. Pure. */
import { readLabels } from '../../mesh/label-selector.ts';
import { readWebhooks } from '../../mesh/webhooks.ts';
import { findValue, listAt, numberAt, textAt } from '../../util/find-value.ts';
import type { Configuration, ServiceName, Target } from '../facts.ts';

/** @returns undefined for an object without a name */
export function readConfiguration(object: unknown): Configuration | undefined {
  const name = textAt(object, 'metadata', 'name');
  if (name === undefined) return undefined;
  const webhooks = listAt(object, 'webhooks');
  return {
    name,
    labels: readLabels(findValue(object, 'metadata', 'labels')),
    caFrom: textAt(object, 'metadata', 'annotations', 'cert-manager.io/inject-ca-from'),
    webhooks: readWebhooks(object),
    count: webhooks.length,
    targets: webhooks.map(readTarget),
  };
}

/** As the chart names its webhooks: templates/webhook*.yaml. */
const ownNames = /^(namespace|observe|job|pod)(-(wrap|native|auto|unknown))?(\.ask-istio)?\.clockout\.dev$/;

/** Of Clockout: by the names of its webhooks, or if it has none because it was turned off, by the chart's label. */
export const isClockouts = ({ labels, targets, count }: Configuration): boolean =>
  targets.some(({ webhook }) => ownNames.test(webhook)) ||
  (count === 0 && labels['app.kubernetes.io/part-of'] === 'clockout');

/** The one before Istio's (chart value native.askIstio). */
export const asksIstio = ({ targets }: Configuration): boolean =>
  targets.some(({ webhook }) => webhook.endsWith('ask-istio.clockout.dev'));

/** Istio's injector, of any revision. @see `istioctl tag set`, which makes another one for each tag */
export const isIstios = ({ targets }: Configuration): boolean =>
  targets.some(({ webhook }) => webhook.endsWith('sidecar-injector.istio.io'));

/** The Services of the cluster that it calls, each one once. */
export function listServices({ targets }: Configuration): ServiceName[] {
  const services = targets.flatMap(({ service }) => (service ? [service] : []));
  return [...new Map(services.map((each) => [keyOf(each), each])).values()];
}

export const keyOf = ({ namespace, name }: ServiceName): string => `${namespace}/${name}`;

// --- internal ---

/** Of a webhook that names none. @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference */
const defaultPort = 443;

function readTarget(webhook: unknown): Target {
  const [namespace, name] = ['namespace', 'name'].map((key) => textAt(webhook, 'clientConfig', 'service', key));
  const port = numberAt(webhook, 'clientConfig', 'service', 'port') ?? defaultPort;
  return {
    webhook: textAt(webhook, 'name') ?? '',
    service: namespace !== undefined && name !== undefined ? { namespace, name, port } : undefined,
    caBundle: Buffer.from(textAt(webhook, 'clientConfig', 'caBundle') ?? '', 'base64').toString(),
  };
}
