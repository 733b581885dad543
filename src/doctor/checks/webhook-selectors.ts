/** Checks of the namespaces and pods that the webhook configuration selects. */
import { selects } from '../../mesh/label-selector.ts';
import { labelsOfNamespace, type Webhook } from '../../mesh/webhooks.ts';
import { injectLabel } from '../../pod/names.ts';
import { plural } from '../../util/count.ts';
import { shortened } from '../../util/text.ts';
import { type Check, type Finding, fault, fine, judge, named, warn } from '../check.ts';
import type { Configuration, Facts, Installation, NamespaceFacts } from '../facts.ts';
import { isIstios } from '../read/configuration.ts';
import { webhooksOf, webhooksOfOthers } from '../read/own-webhooks.ts';
import { sees } from '../seen.ts';

export const selectorChecks: readonly Check[] = [
  {
    id: 'excluded-namespaces',
    group: 'Webhook configuration',
    when: 'after',
    about:
      "The API server sends neither the pods of `kube-system` nor those of Clockout's own namespace to Clockout. So the cluster, and Clockout itself, can start while no replica is ready.",
    remedy:
      'Put `kube-system` back into `webhook.excludedNamespaces`. The chart always excludes its own namespace; if the line names that one, somebody changed the configuration: run `helm upgrade`.',
    needs: '`list` on `mutatingwebhookconfigurations`',
    find: (facts) => facts.installation && findNotExcluded(facts, facts.installation),
  },
  {
    id: 'selectors',
    group: 'Webhook configuration',
    when: 'after',
    about:
      'The selectors of the configuration select at least one namespace, each namespace that has opted in, and pods with a label of their own. They select no pods that have opted out.',
    remedy:
      'Label a namespace with `clockout.dev/inject=enabled`. If a namespace has the label and is not selected, look at `webhook.namespaceMatchExpressions` and `webhook.excludedNamespaces`. [Which pods](install.md#which-pods) has the rules.',
    needs: '`list` on `mutatingwebhookconfigurations` and `namespaces`',
    find: ({ configurations, namespaces, installation }) => {
      if (!installation?.configurations.some(({ count }) => count > 0)) return undefined;
      const others = configurations.ok ? webhooksOfOthers(configurations.value, installation) : [];
      return judge('which namespaces are selected', namespaces, (all) => findSelected(all, installation, others));
    },
  },
  {
    id: 'namespaces-in-mesh',
    group: 'Webhook configuration',
    when: 'after',
    about: 'In each namespace that has opted in to Clockout, Istio injects sidecars.',
    remedy:
      "Label the namespace for Istio (`istio-injection=enabled`, or `istio.io/rev=REVISION`), or remove Clockout's label. Pods without a sidecar are skipped as `no-sidecar`. If your pods have Istio's label themselves, ignore this line.",
    needs: '`list` on `mutatingwebhookconfigurations` and `namespaces`',
    find: ({ configurations, namespaces, installation }) =>
      installation && configurations.ok && namespaces.ok
        ? findOutsideMesh(configurations.value, namespaces.value)
        : undefined,
  },
];

// --- internal ---

function findNotExcluded({ namespaces }: Facts, installation: Installation): Finding | undefined {
  const own = webhooksOf(installation);
  if (own.length === 0) return undefined;
  const labelsOf = (name: string) =>
    (namespaces.ok ? namespaces.value.find((each) => each.name === name)?.labels : undefined) ?? {};
  const wrong = ['kube-system', installation.service.namespace].flatMap((namespace) => {
    const labels = labelsOfNamespace({ namespace, namespaceLabels: labelsOf(namespace), labels: {} });
    const found = own.filter((webhook) => selects(webhook.namespaces, labels));
    return found.length > 0 ? [{ namespace, fails: found.some(({ failurePolicy }) => failurePolicy === 'Fail') }] : [];
  });
  const names = named(wrong.map(({ namespace }) => namespace));
  if (wrong.length === 0)
    return fine(
      `the pods of kube-system and ${shortened(installation.service.namespace, 63)} are not sent to Clockout`,
    );
  const advice = 'Exclude them with webhook.excludedNamespaces, and run helm upgrade.';
  return wrong.some(({ fails }) => fails)
    ? fault(`pods of ${names} are sent to Clockout, and refused while it does not answer`, advice)
    : warn(`pods of ${names} are sent to Clockout`, advice);
}

const isOptedIn = ({ labels }: NamespaceFacts): boolean => labels[injectLabel] === 'enabled';

/** @param foreign webhooks of other installations, which may be for a namespace instead */
function findSelected(
  all: readonly NamespaceFacts[],
  installation: Installation,
  foreign: readonly Webhook[],
): Finding {
  const own = webhooksOf(installation);
  if (own.length === 0) {
    return fault('no webhook of the configuration is for new pods', 'Run helm upgrade, which repairs its rules.');
  }
  const selected = all.filter((namespace) => sees(own, namespace));
  const missed = all
    .filter((namespace) => isOptedIn(namespace) && !sees([...own, ...foreign], namespace))
    .map(({ name }) => name);
  const advice = 'Look at webhook.namespaceMatchExpressions and webhook.excludedNamespaces.';
  if (missed.length > 0) {
    const [has, is] = missed.length === 1 ? ['has', 'is'] : ['have', 'are'];
    const says = `${named(missed)} ${has} the label clockout.dev/inject: enabled, but ${is} not selected`;
    return selected.length === 0 ? fault(says, advice) : warn(says, advice);
  }
  const others = all.filter(({ name }) => name !== 'kube-system' && name !== installation.service.namespace);
  const optingIn = others.some((namespace) => sees(own, namespace, { [injectLabel]: 'true' }));
  if (!optingIn) return fault('pods with the label clockout.dev/inject: "true" are selected in no namespace', advice);
  if (others.some((namespace) => sees(own, namespace, { [injectLabel]: 'false' }))) {
    return fault(
      'pods with the label clockout.dev/inject: "false" are selected',
      'Run helm upgrade, which repairs the selectors.',
    );
  }
  if (selected.length === 0) {
    return warn(
      'no namespace has opted in, so Clockout wraps only pods with a label of their own',
      'Opt a namespace in:',
      'kubectl label namespace NAMESPACE clockout.dev/inject=enabled',
    );
  }
  return fine(
    `Job pods of ${plural(selected.length, 'namespace')} are selected: ${named(selected.map(({ name }) => name))}`,
  );
}

function findOutsideMesh(all: readonly Configuration[], namespaces: readonly NamespaceFacts[]): Finding | undefined {
  const injectors = all.filter(isIstios).flatMap(({ webhooks }) => webhooks);
  const optedIn = namespaces.filter(isOptedIn);
  if (injectors.length === 0 || optedIn.length === 0) return undefined;
  const outside = optedIn.filter((namespace) => !sees(injectors, namespace)).map(({ name }) => name);
  if (outside.length === 0) return fine('Istio injects sidecars in every namespace that has opted in');
  return warn(
    `Istio injects no sidecars in ${named(outside)}, so there is nothing to wrap`,
    'Label the namespace for Istio, or remove the label clockout.dev/inject.',
  );
}
