/** With the objects that the chart makes. */
import { describe, expect, it } from 'vitest';
import { findInstallationOf, listInstallations, nameServer } from '../../src/mesh/installations.ts';
import { readOwnSettings } from '../../src/mesh/own-settings.ts';
import { findOwnCaller, isOwn } from '../../src/mesh/own-webhooks.ts';
import { readWebhooks, type SeenPod, type Webhook } from '../../src/mesh/webhooks.ts';
import { installed, only, webhooksOf } from '../e2e/chart/manifests.ts';

/** A release in its own namespace, for the namespaces of a team. */
const release = (chart: string, namespace: string, team?: string): Webhook[] =>
  readWebhooks(webhooksOf(chart)).map((webhook) => ({
    ...webhook,
    configuration: `zz-${namespace}`,
    server: { ...webhook.server, namespace } as Webhook['server'],
    namespaces: [
      ...webhook.namespaces,
      ...(team === undefined ? [] : [{ key: 'team', operator: 'In', values: [team] } as const]),
    ],
  }));

const pod = (of: Partial<SeenPod> = {}): SeenPod => ({ namespace: 'jobs', labels: {}, namespaceLabels: {}, ...of });
const enabled = { 'clockout.dev/inject': 'enabled' };

const two = [...release('default', 'b', 'b'), ...release('cluster', 'a', 'a')];
/** What the values of `cluster` ask for. */
const mode = { namespaceLabels: { team: 'a' } };
const overlapping = [...release('observe', 'a'), ...release('cluster', 'b')];

describe('the installation that a pod belongs to', () => {
  it.each<[string, Webhook[], Partial<SeenPod>, string | undefined]>([
    ['none', [], {}, undefined],
    ['the only one, also of a pod that it does not see', release('default', 'a', 'a'), {}, 'a'],
    ['the one whose webhook is called', two, { namespaceLabels: { team: 'a' } }, 'a'],
    ['the other one', two, { namespaceLabels: { ...enabled, team: 'b' } }, 'b'],
    ['the one that it could opt in to', two, { namespaceLabels: { team: 'b' } }, 'b'],
    ['the first one, if none selects its namespace', two, {}, 'a'],
    ['the first one of two that are called', [...release('cluster', 'b'), ...release('cluster', 'a')], mode, 'a'],
    ['the one that changes it, rather than the one that observes it', overlapping, mode, 'b'],
  ])('is %s', (_, webhooks, of, namespace) =>
    expect(findInstallationOf(listInstallations(webhooks), pod(of), true)?.server?.namespace).toBe(namespace),
  );

  it('has one entry for each Service, in the order of the calls', () => {
    expect(listInstallations(two).map(({ server }) => server && nameServer(server))).toEqual([
      'a/clockout',
      'b/clockout',
    ]);
    for (const { server, webhooks } of listInstallations(two))
      expect(new Set(webhooks.map((each) => 'service' in each.server && each.server.namespace))).toEqual(
        new Set([server?.namespace]),
      );
    expect(listInstallations(release('ask-istio', 'a'))).toHaveLength(1);
  });

  it('is the one whose webhook is said to be called', () => {
    const called = findOwnCaller(overlapping, pod(mode), true)?.webhook;
    expect(called?.configuration).toBe('zz-b');
  });
});

it('is found with other names and labels than the usual ones', () => {
  const webhooks = readWebhooks(webhooksOf('names'));
  expect(webhooks.every(isOwn)).toBe(true);
  const [found] = listInstallations(webhooks);
  const deployment = only(installed('names'), 'Deployment');
  const { namespace, name } = deployment.metadata;
  expect(found?.server).toEqual({ namespace, name });
  expect(name).toBe('ends-jobs');
  expect(readOwnSettings(deployment)).toMatchObject({ strategy: 'wrap', hasNamespaceDefaults: false });
});
