import { describe, expect, it } from 'vitest';
import { admitPod } from '../../src/admission/admit.ts';
import type { Treatment } from '../../src/admission/treatment.ts';
import type { Pod } from '../../src/pod/schema.ts';
import { createSeenPods } from '../../src/telemetry/seen-pods.ts';
import { app, classicPod, settings } from '../support/pods.ts';

type Asked = { pod?: Pod; request?: object; treatment?: Treatment };

const owned = (uid: string) => [{ apiVersion: 'batch/v1', kind: 'Job', name: 'report', uid, controller: true }];
const podWith = (volume: string | undefined, { uid = 'job-1', command = ['/app'] as string[] | null } = {}) =>
  classicPod({
    metadata: { generateName: 'report-', ownerReferences: owned(uid) },
    spec: { containers: [app({ command })], ...(volume && { volumes: [{ name: volume }] }) },
  });

/** Asks about pods in turn. @returns whether each was known */
async function ask(...asked: Asked[]): Promise<boolean[]> {
  const isRepeated = createSeenPods(() => 0);
  const found: boolean[] = [];
  for (const { pod = podWith('kube-api-access-abcde'), request = {}, treatment = 'admitted' } of asked) {
    const kind = { group: '', version: 'v1', kind: 'Pod' };
    const outcome = await admitPod(pod, { from: 'server' }, settings);
    const made = { uid: `u-${found.length}`, kind, namespace: 'team', operation: 'CREATE', object: pod, ...request };
    found.push(isRepeated({ request: made, pod, outcome, treatment }));
  }
  return found;
}

describe('createSeenPods', () => {
  const skipped = podWith('kube-api-access-abcde', { command: null });
  it.each<[string, Asked[], boolean[]]>([
    ['the same pod twice', [{}, {}], [false, true]],
    ['a skipped pod twice', [{ pod: skipped }, { pod: skipped }], [false, true]],
    ['a pod that is skipped, and then wrapped', [{ pod: skipped }, {}, {}], [false, false, true]],
    ['another pod of the same Job', [{}, { pod: podWith('kube-api-access-abcdf') }], [false, false]],
    ['a pod of another Job', [{}, { pod: podWith('kube-api-access-abcde', { uid: 'job-2' }) }], [false, false]],
    ['a pod of another namespace', [{}, { request: { namespace: 'other' } }], [false, false]],
    ['a dry run, and then the pod', [{ request: { dryRun: true } }, {}], [false, false]],
    [
      'a pod with a name, twice',
      [1, 2].map(() => ({ pod: podWith(undefined), request: { name: 'a' } })),
      [false, true],
    ],
    [
      'pods with neither a name nor a token',
      [{ pod: podWith(undefined) }, { pod: podWith(undefined) }],
      [false, false],
    ],
    [
      'a volume that only begins like a token',
      [1, 2].map(() => ({ pod: podWith('kube-api-access-x') })),
      [false, false],
    ],
    ['a pod with an endless name', [1, 2].map(() => ({ request: { name: 'x'.repeat(1001) } })), [false, false]],
  ])('%s', async (_, asked, expected) => expect(await ask(...asked)).toEqual(expected));

  it('knows a wrapped pod by its own patch, too', async () => {
    const pod = podWith('kube-api-access-abcde');
    const outcome = await admitPod(pod, { from: 'server' }, settings);
    if (outcome.kind !== 'patched') throw new Error('expected a patch');
    expect(await ask({ pod }, { pod: outcome.patched })).toEqual([false, true]);
  });

  it('knows that another replica has answered, once it has seen in which order it is called', async () => {
    const token = { name: 'kube-api-access-abcde', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
    const volumeMounts = [token];
    const fieldsV1 = { 'f:spec': { 'f:containers': { 'k:{"name":"app"}': {} } } };
    const look = (of: Pod, name: string, istio: object): Pod => ({
      metadata: { ...of.metadata, ...{ managedFields: [{ fieldsV1 }] } },
      spec: {
        ...of.spec,
        volumes: [{ name }],
        containers: of.spec.containers.map((each) => ({ ...each, volumeMounts, ...(each.name !== 'app' && istio) })),
      },
    });
    const pod = (name: string, isLater: boolean) =>
      look(skipped, `kube-api-access-${name}`, isLater ? {} : { volumeMounts: [] });
    const asked = [pod('aaaaa', true), pod('bbbbb', false), pod('bbbbb', true), pod('ccccc', true)];
    expect(await ask(...asked.map((each) => ({ pod: each })))).toEqual([false, false, true, true]);
    const wrapped = look(podWith('x'), 'kube-api-access-ddddd', {});
    expect(await ask({ pod: pod('bbbbb', false) }, { pod: wrapped })).toEqual([false, false]);
  });

  it('forgets a pod after a minute', async () => {
    let time = 0;
    const isRepeated = createSeenPods(() => time);
    const pod = podWith('kube-api-access-abcde');
    const kind = { group: '', version: 'v1', kind: 'Pod' };
    const request = { uid: 'u', kind, namespace: 'team', operation: 'CREATE', object: pod };
    const answered = { request, pod, outcome: await admitPod(pod, { from: 'server' }, settings) } as const;
    const again = () => isRepeated({ ...answered, treatment: 'admitted' });
    expect([again(), again()]).toEqual([false, true]);
    time = 61_000;
    expect(again()).toBe(false);
  });
});
