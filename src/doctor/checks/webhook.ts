/** Checks of the webhook configuration: the order of the calls, which pods it selects, and what happens if no replica answers. */
import { selects } from '../../mesh/label-selector.ts';
import { plural } from '../../util/count.ts';
import { type Check, type Finding, fine, judge, warn } from '../check.ts';
import type { Installation } from '../facts.ts';
import { webhooksOf } from '../read/own-webhooks.ts';
import { orderChecks } from './webhook-order.ts';
import { selectorChecks } from './webhook-selectors.ts';

export const webhookChecks: readonly Check[] = [
  ...orderChecks,
  ...selectorChecks,
  {
    id: 'failure-policy',
    group: 'Webhook configuration',
    when: 'after',
    about:
      'With `failurePolicy: Fail`, the API server refuses Job pods while no replica answers. In this case, there are at least two replicas, and a PodDisruptionBudget keeps a drain from stopping both.',
    remedy:
      'Set `replicas: 2` and `podDisruptionBudget.enabled: true`, or `webhook.failurePolicy.jobs: Ignore`. [When Clockout cannot be reached](outages.md) compares the policies.',
    needs: '`list` on `deployments` and `poddisruptionbudgets` in the namespace of Clockout',
    find: ({ installation }) => installation && findFailurePolicy(installation),
  },
];

// --- internal ---

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
