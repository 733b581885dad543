import { describe, expect, it } from 'vitest';
import { findCallers, readWebhooks, type SeenPod } from '../../src/mesh/webhooks.ts';

const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
const service = { namespace: 'tools', name: 'hook', path: '/mutate' };

const configuration = (name: string, ...webhooks: object[]) => ({
  metadata: { name },
  webhooks: webhooks.map((webhook, i) => ({ name: `w${i}`, rules: [rule], clientConfig: { service }, ...webhook })),
});

const pod: SeenPod = { namespace: 'shop', labels: { app: 'report' }, namespaceLabels: { team: 'a' } };

const seen = (configurations: object[], of: SeenPod = pod) =>
  findCallers(configurations.flatMap(readWebhooks), of).map(
    ({ webhook, isSure }) => `${webhook.configuration}/${webhook.name}${isSure ? '' : '?'}`,
  );

describe('readWebhooks', () => {
  it('reads what is said about a webhook, with the defaults of the API server', () => {
    const [first, second] = readWebhooks(
      configuration(
        'x',
        {},
        {
          clientConfig: { url: 'https://hooks.example.com' },
          failurePolicy: 'Ignore',
          reinvocationPolicy: 'IfNeeded',
          timeoutSeconds: 3,
          matchConditions: [{ name: 'has-a-volume', expression: 'true' }],
        },
      ),
    );
    expect(first).toMatchObject({ failurePolicy: 'Fail', isReinvoked: false, timeout: 10, conditions: [] });
    expect(first?.server).toEqual({ namespace: 'tools', service: 'hook', path: '/mutate' });
    expect(second).toMatchObject({
      failurePolicy: 'Ignore',
      isReinvoked: true,
      timeout: 3,
      conditions: ['has-a-volume'],
    });
    expect(second?.server).toEqual({ url: 'https://hooks.example.com' });
  });

  it.each<[what: string, rule: object, isForPods: boolean]>([
    ['pods', {}, true],
    ['everything', { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }, true],
    ['pods and their subresources', { resources: ['pods/*'] }, true],
    ['namespaced objects', { scope: 'Namespaced' }, true],
    ['other objects', { scope: 'Cluster' }, false],
    ['a subresource', { resources: ['pods/exec'] }, false],
    ['another group', { apiGroups: ['apps'] }, false],
    ['an update', { operations: ['UPDATE'] }, false],
    ['another kind', { resources: ['deployments'] }, false],
  ])('takes webhooks for new pods only: %s', (_, of, isForPods) =>
    expect(seen([configuration('x', { rules: [{ ...rule, ...of }] })])).toEqual(isForPods ? ['x/w0'] : []),
  );

  it.each([[undefined], [{}], [{ metadata: { name: 'x' }, webhooks: 'none' }], [{ webhooks: [{ rules: [rule] }] }]])(
    'reads nothing from %j',
    (broken) => expect(readWebhooks(broken)).toEqual([]),
  );
});

describe('findCallers', () => {
  it('orders webhooks by the names of their configurations, and then as they stand', () =>
    expect(
      seen([configuration('zz'), configuration('b', {}, {}), configuration('B', {}), configuration('zz-a', {})]),
    ).toEqual(['B/w0', 'b/w0', 'b/w1', 'zz-a/w0']));

  it.each<[what: string, webhook: object, sees: boolean]>([
    ['its namespace', { namespaceSelector: { matchLabels: { team: 'a' } } }, true],
    ['another namespace', { namespaceSelector: { matchLabels: { team: 'b' } } }, false],
    ['its namespace by name', { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } }, true],
    ['its label', { objectSelector: { matchLabels: { app: 'report' } } }, true],
    ['another label', { objectSelector: { matchLabels: { app: 'web' } } }, false],
  ])('selects by %s', (_, webhook, sees) => expect(seen([configuration('x', webhook)])).toEqual(sees ? ['x/w0'] : []));

  it('is not sure where it does not know the labels of the namespace', () => {
    const byName = (operator: string) => ({
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator, values: ['shop'] }],
    });
    const webhooks = [
      {},
      { namespaceSelector: { matchLabels: { team: 'b' } } },
      { namespaceSelector: byName('In') },
      { namespaceSelector: byName('NotIn') },
      { objectSelector: { matchLabels: { app: 'web' } } },
    ];
    expect(seen([configuration('x', ...webhooks)], { ...pod, namespaceLabels: undefined })).toEqual([
      'x/w0',
      'x/w1?',
      'x/w2',
    ]);
  });
});
