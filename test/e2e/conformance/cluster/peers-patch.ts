/** What the API server makes of a pod with Clockout's patch: all that other webhooks' patches got wrong. */
import { expect } from 'vitest';
import type { KubeObject } from '../../cluster/api.ts';
import { api, app, containerOf, isWrapped } from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import type { ClusterPlace } from './support/place.ts';

const barePod = (namespace: string, name: string, spec: KubeObject, metadata: KubeObject = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { 'clockout.dev/inject': 'true' }, ...metadata },
  spec: { restartPolicy: 'Never', ...spec },
});

/** What the API server would make of it. */
const dryRun = (pod: KubeObject): Promise<KubeObject> => api.create(pod, '?dryRun=All');

const initOf = (pod: KubeObject): KubeObject =>
  pod.spec.initContainers.find(({ name }: KubeObject) => name === 'clockout-init');

export const patches: Case<ClusterPlace>[] = [
  {
    name: 'command-beats-entrypoint',
    title: "A manifest's own command wins over the annotation, and over what the image says",
    origins: ['bank-vaults/bank-vaults#472', 'bank-vaults/bank-vaults#499'],
    run: async ({ namespace }) => {
      const annotations = { 'clockout.dev/entrypoint': '["/other"]' };
      const pod = await dryRun(barePod(namespace, 'beats', { containers: [app()] }, { annotations }));
      const { args } = containerOf(pod, 'app');
      expect(args.slice(args.indexOf('--') + 1)).toEqual(['/app']);
    },
  },
  {
    name: 'one-container-unknown',
    title: 'A pod with one container whose entrypoint is unknown is admitted unchanged, and not refused',
    origins: ['bank-vaults/bank-vaults#570', 'bank-vaults/bank-vaults#764', 'bank-vaults/bank-vaults#983'],
    run: async ({ namespace }) => {
      const containers = [app(), app({}, { name: 'unknown', command: undefined })];
      const pod = await dryRun(barePod(namespace, 'unknown', { containers }));
      expect(isWrapped(pod)).toBe(false);
      expect(containerOf(pod, 'app').command).toEqual(['/app']);
      return 'skipped: `no-entrypoint`';
    },
  },
  {
    name: 'not-as-root',
    title: "The init container runs as the pod's user, and never as root",
    origins: ['bank-vaults/bank-vaults#663', 'bank-vaults/bank-vaults#1593'],
    run: async ({ namespace }) => {
      for (const [runAsUser, expected] of [
        [4321, 4321],
        [0, 65532],
        [undefined, 65532],
      ]) {
        const spec = { containers: [app()], ...(runAsUser !== undefined && { securityContext: { runAsUser } }) };
        const { securityContext } = initOf(await dryRun(barePod(namespace, 'user', spec)));
        expect(securityContext).toMatchObject({ runAsUser: expected, runAsNonRoot: true });
      }
    },
  },
  {
    name: 'nothing-else-changes',
    title: "What Clockout doesn't know of a pod stays as it is, the newest fields and native sidecars of its owner too",
    origins: ['istio/istio#49054', 'istio/istio#49221', 'istio/istio#52245'],
    run: async ({ namespace }) => {
      const spec = richSpec();
      const [with_, without] = await Promise.all([
        dryRun(barePod(namespace, 'rich', spec)),
        dryRun(barePod(namespace, 'rich', spec, { labels: { 'clockout.dev/inject': 'false' } })),
      ]);
      expect(isWrapped(with_)).toBe(true);
      expect(stripped(with_)).toEqual(stripped(without));
    },
  },
  {
    name: 'called-again',
    title: 'A pod that is wrapped already stays as it is when the webhook is called again',
    origins: ['bank-vaults/bank-vaults#254'],
    run: async ({ namespace }) => {
      const once = await dryRun(barePod(namespace, 'again', { containers: [app()] }));
      const { labels, annotations } = once.metadata;
      const twice = await dryRun(barePod(namespace, 'again', once.spec, { labels, annotations }));
      expect(twice.spec).toEqual(once.spec);
    },
  },
];

/** Of everything a little, and what came last: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */
const richSpec = (): KubeObject => ({
  automountServiceAccountToken: false, // its volume has a random name
  hostAliases: [{ ip: '10.0.0.1', hostnames: ['somewhere'] }],
  securityContext: { fsGroup: 2000, supplementalGroupsPolicy: 'Strict', fsGroupChangePolicy: 'OnRootMismatch' },
  resources: { requests: { cpu: '200m', memory: '256Mi' } },
  initContainers: [app({}, { name: 'first' }), app({}, { name: 'native', restartPolicy: 'Always' })],
  containers: [
    app(
      {},
      {
        resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }],
        resources: { requests: { 'ephemeral-storage': '1Mi' } },
        terminationMessagePolicy: 'FallbackToLogsOnError',
        envFrom: [{ prefix: 'SET_', configMapRef: { name: 'settings', optional: true } }],
        lifecycle: { preStop: { sleep: { seconds: 1 } } },
        volumeMounts: [{ name: 'scratch', mountPath: '/scratch', recursiveReadOnly: 'Disabled' }],
      },
    ),
  ],
  volumes: [{ name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: claim() } } }],
  schedulingGates: [{ name: 'example.com/gate' }],
});

const claim = (): KubeObject => ({ accessModes: ['ReadWriteOncePod'], resources: { requests: { storage: '1Mi' } } });

/** Without what Clockout puts there, and says that it does. */
function stripped({ spec, metadata }: KubeObject): KubeObject {
  const isOthers = ({ name }: { name: string }): boolean => !name.startsWith('clockout');
  const { 'clockout.dev/status': _, ...annotations } = metadata.annotations;
  const containers = spec.containers.map(({ volumeMounts = [], ...container }: KubeObject) => {
    const { command: _command, args: _args, ...others } = container;
    const { lifecycle: _lifecycle, ...proxy } = container;
    return {
      ...(container.name === 'istio-proxy' ? proxy : others),
      volumeMounts: volumeMounts.filter(isOthers),
    };
  });
  const initContainers = spec.initContainers.filter(isOthers);
  return { annotations, spec: { ...spec, containers, initContainers, volumes: spec.volumes.filter(isOthers) } };
}
