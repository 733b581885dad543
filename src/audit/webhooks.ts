/** Which mutating webhooks see a new pod, by their selectors. Pure. */
import { readList, readText, readTexts } from './read-labels.ts';
import { type Labels, matchesSelector } from './selector.ts';

/** One of a MutatingWebhookConfiguration that is called for new pods. */
export type Webhook = {
  configuration: string;
  name: string;
  of: 'istio' | 'clockout' | 'other';
  /** Of the service that is called. */
  path: string;
  /** As they stand there, unchecked. */
  namespaceSelector: unknown;
  objectSelector: unknown;
  /** Of Istio, whose pods it injects. */
  revision?: string;
};

/** @param configuration a MutatingWebhookConfiguration, unchecked */
export function readWebhooks(configuration: unknown): Webhook[] {
  const name = readText(configuration, 'metadata', 'name') ?? '';
  const labels = readTexts(configuration, 'metadata', 'labels');
  return readList(configuration, 'webhooks')
    .filter((webhook) => readList(webhook, 'rules').some(isForNewPods))
    .map((webhook) => {
      const own = readText(webhook, 'name') ?? '';
      const of = ownerOf(own, labels);
      const revision = of === 'istio' ? (labels['istio.io/rev'] ?? 'default') : undefined;
      return {
        configuration: name,
        name: own,
        of,
        path: readText(webhook, 'clientConfig', 'service', 'path') ?? '',
        namespaceSelector: (webhook as Record<string, unknown>).namespaceSelector,
        objectSelector: (webhook as Record<string, unknown>).objectSelector,
        ...(revision !== undefined && { revision }),
      };
    });
}

/** The API server gives each namespace a label with its name. */
export const withName = (labels: Labels, name: string): Labels => ({ 'kubernetes.io/metadata.name': name, ...labels });

/** @param namespace its labels, with its name among them */
export const sees = ({ namespaceSelector, objectSelector }: Webhook, namespace: Labels, pod: Labels): boolean =>
  matchesSelector(namespaceSelector, namespace) && matchesSelector(objectSelector, pod);

// --- internal ---

function isForNewPods(rule: unknown): boolean {
  const has = (key: string, ...texts: string[]) => readList(rule, key).some((each) => texts.includes(`${each}`));
  return (
    has('operations', 'CREATE', '*') && has('resources', 'pods', 'pods/*', '*', '*/*') && has('apiGroups', '', '*')
  );
}

/** @see https://github.com/istio/istio/blob/1.26.0/manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml */
function ownerOf(name: string, labels: Labels): Webhook['of'] {
  if (name.endsWith('.clockout.dev')) return 'clockout';
  return labels.app === 'sidecar-injector' || name.endsWith('sidecar-injector.istio.io') ? 'istio' : 'other';
}
