/** Checks of the webhook configuration: the order of the calls, which pods it selects, and what happens if nobody answers. */

import { selects } from '../../mesh/label-selector.ts';
import { labelsOfNamespace, type Webhook } from '../../mesh/webhooks.ts';
import { injectLabel } from '../../pod/names.ts';
import { plural } from '../../util/count.ts';
import { shortened } from '../../util/text.ts';
import { type Check, type Finding, fault, fine, judge, named, warn } from '../check.ts';
import type { Configuration, Facts, Installation, NamespaceFacts } from '../facts.ts';
import { asksIstio, isClockouts, isIstios } from '../read/configuration.ts';
import { sees } from '../seen.ts';

export const webhookChecks: readonly Check[] = [
  {
    id: 'order',
    group: 'Webhook configuration',
    when: 'after',
    about:
      "The API server calls Clockout after Istio's injector, so that the sidecar is in the pods that Clockout sees. It calls webhook configurations in the order of their names.",
    remedy:
      'Give the configuration a name that sorts after the injector (chart value `webhook.name`, by default `zz-clockout`), or leave `webhook.reinvocationPolicy` at `IfNeeded`: the API server then calls Clockout again after Istio.',
    needs: '`list` on `mutatingwebhookconfigurations`',
    find: ({ configurations, installation }) =>
      installation && judge('the order of the webhooks', configurations, (all) => findOrder(all, installation)),
  },
  {
    id: 'later-webhooks',
    group: 'Webhook configuration',
    when: 'after',
    about:
      'If other webhooks change Job pods after Clockout, the API server calls Clockout again. Otherwise Clockout does not see what they add, such as a sidecar.',
    remedy: 'Set `webhook.reinvocationPolicy: IfNeeded`, or give Clockout a name that sorts after theirs.',
    needs: '`list` on `mutatingwebhookconfigurations` and `namespaces`',
    find: ({ configurations, namespaces, installation }) =>
      installation &&
      judge('which webhooks come after Clockout', configurations, (all) =>
        findLater(all, namespaces.ok ? namespaces.value : [], installation),
      ),
  },
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
    find: ({ namespaces, installation }) =>
      installation?.configurations.some(({ count }) => count > 0)
        ? judge('which namespaces are selected', namespaces, (all) => findSelected(all, installation))
        : undefined,
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
  {
    id: 'failure-policy',
    group: 'Webhook configuration',
    when: 'after',
    about:
      'With `failurePolicy: Fail`, the API server refuses Job pods while no replica answers. In this case, there are at least two replicas, and a PodDisruptionBudget keeps a drain from stopping both.',
    remedy:
      'Set `replicas: 2` and `podDisruptionBudget.enabled: true`, or `webhook.failurePolicy.jobs: Ignore`. [When Clockout cannot be reached](install.md#when-clockout-cannot-be-reached) compares the policies.',
    needs: '`list` on `deployments` and `poddisruptionbudgets` in the namespace of Clockout',
    find: ({ installation }) => installation && findFailurePolicy(installation),
  },
];

// --- internal ---

const isAfter = (a: string, b: string): boolean => Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0;

const mainOf = ({ configurations }: Installation) => configurations.filter((each) => !asksIstio(each));
const webhooksOf = (installation: Installation): Webhook[] => mainOf(installation).flatMap(({ webhooks }) => webhooks);

function findOrder(all: readonly Configuration[], installation: Installation): Finding | undefined {
  const injectors = all.filter(isIstios).map(({ name }) => name);
  if (injectors.length === 0) return undefined;
  const late = installation.configurations
    .filter(asksIstio)
    .find(({ name }) => injectors.some((injector) => isAfter(name, injector)));
  if (late) {
    const says = `${shortened(late.name, 253)} asks Istio for native sidecars, but is called after Istio`;
    return warn(says, 'Give it a name that sorts before the injectors, or turn native.askIstio off.');
  }
  for (const { name, webhooks } of mainOf(installation)) {
    const after = injectors.filter((injector) => isAfter(injector, name));
    if (after.length === 0) continue;
    const says = `${shortened(name, 253)} is called before Istio's ${named(after)}`;
    const advice = 'Give it a name that sorts after them (chart value webhook.name).';
    return webhooks.every(({ isReinvoked }) => isReinvoked)
      ? warn(`${says}, so Clockout works only when it is called a second time`, advice)
      : fault(`${says}, and is not called again: it never sees Istio's sidecar`, advice);
  }
  return fine(`Clockout is called after Istio's ${named(injectors)}`);
}

function findLater(
  all: readonly Configuration[],
  namespaces: readonly NamespaceFacts[],
  installation: Installation,
): Finding | undefined {
  const own = webhooksOf(installation);
  const [first] = mainOf(installation)
    .map(({ name }) => name)
    .toSorted();
  if (first === undefined || own.length === 0) return undefined;
  const shared = namespaces.filter((namespace) => sees(own, namespace));
  const later = all
    .filter((each) => !isClockouts(each) && !isIstios(each) && isAfter(each.name, first))
    .filter(({ webhooks }) => shared.some((namespace) => sees(webhooks, namespace)))
    .map(({ name }) => name);
  if (later.length === 0) return fine('no other webhook changes Job pods after Clockout');
  const says = `${named(later)} can change Job pods after Clockout`;
  if (own.every(({ isReinvoked }) => isReinvoked)) return fine(`${says}, and Clockout is then called again`);
  return warn(`${says}, and Clockout is not called again`, 'Set webhook.reinvocationPolicy: IfNeeded.');
}

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
    return fine(`the pods of kube-system and ${shortened(installation.service.namespace, 63)} are left alone`);
  const advice = 'Exclude them with webhook.excludedNamespaces, and run helm upgrade.';
  return wrong.some(({ fails }) => fails)
    ? fault(`pods of ${names} are sent to Clockout, and refused while it does not answer`, advice)
    : warn(`pods of ${names} are sent to Clockout`, advice);
}

const isOptedIn = ({ labels }: NamespaceFacts): boolean => labels[injectLabel] === 'enabled';

function findSelected(all: readonly NamespaceFacts[], installation: Installation): Finding {
  const own = webhooksOf(installation);
  if (own.length === 0) {
    return fault('no webhook of the configuration is for new pods', 'Run helm upgrade, which repairs its rules.');
  }
  const selected = all.filter((namespace) => sees(own, namespace));
  const missed = all.filter((namespace) => isOptedIn(namespace) && !sees(own, namespace)).map(({ name }) => name);
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

function findFailurePolicy(installation: Installation): Finding | undefined {
  const { deployment, budgets } = installation;
  const forJobs = webhooksOf(installation).filter(({ name }) => /^(namespace|job)\b/.test(name));
  if (forJobs.length === 0) return undefined;
  const policy = forJobs.some(({ failurePolicy }) => failurePolicy === 'Fail') ? 'Fail' : 'Ignore';
  if (policy === 'Ignore') {
    return fine('while Clockout does not answer, Job pods are admitted unchanged (failurePolicy Ignore)');
  }
  return judge('the replicas behind failurePolicy Fail', deployment, (found) => {
    if (!found) return undefined;
    const says = 'while Clockout does not answer, Job pods are refused (failurePolicy Fail)';
    if (found.wanted === 1) {
      return warn(`${says}, and it has one replica`, 'Set replicas: 2, or webhook.failurePolicy.jobs: Ignore.');
    }
    return judge('the disruption budget behind failurePolicy Fail', budgets, (all) =>
      all.some(({ selector }) => selects(selector, found.podLabels))
        ? fine(`${says}; ${plural(found.wanted, 'replica')} and a disruption budget prevent that`)
        : warn(`${says}, and no PodDisruptionBudget protects the replicas`, 'Set podDisruptionBudget.enabled: true.'),
    );
  });
}
