/** Checks of the order in which the API server calls webhooks. */
import { shortened } from '../../util/text.ts';
import { type Check, type Finding, fault, fine, judge, named, warn } from '../check.ts';
import type { Configuration, Installation, NamespaceFacts } from '../facts.ts';
import { asksIstio, isClockouts, isIstios } from '../read/configuration.ts';
import { mainOf, webhooksOf } from '../read/own-webhooks.ts';
import { sees } from '../seen.ts';

export const orderChecks: readonly Check[] = [
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
];

// --- internal ---

const isAfter = (a: string, b: string): boolean => Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0;

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
