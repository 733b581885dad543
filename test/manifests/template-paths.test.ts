import { describe, expect, it } from 'vitest';
import { describeTaken, findTemplatesAt, parseTemplatePath } from '../../src/manifests/template-paths.ts';

const template = { spec: { containers: [{ name: 'a' }] } };

const found = (object: object, ...paths: string[]) =>
  findTemplatesAt(
    object as Record<string, unknown>,
    paths.flatMap((path) => [parseTemplatePath(path) ?? []]),
  ).map(({ path, job, pod }) => [
    path,
    job,
    (pod as typeof template & { spec: { restartPolicy?: string } }).spec.restartPolicy,
  ]);

describe('--template-path', () => {
  it.each<[text: string, keys: string[] | undefined]>([
    ['/spec/template', ['spec', 'template']],
    ['/spec/*/a~1b/~0', ['spec', '*', 'a/b', '~']],
    ['spec/template', undefined],
    ['/', undefined],
    ['/spec/', undefined],
    ['/spec/~2', undefined],
    ['', undefined],
  ])('reads %j', (text, keys) => expect(parseTemplatePath(text)).toEqual(keys));

  it('leads to the items of lists, and to the values of maps', () => {
    const spec = { list: [{ template }, { other: 1 }, { template }], map: { a: { template }, 'b/c': { template } } };
    expect(found({ spec }, '/spec/list/*/template', '/spec/map/*/template', '/spec/list/0/template')).toEqual([
      ['/spec/list/0/template', true, undefined],
      ['/spec/list/2/template', true, undefined],
      ['/spec/map/a/template', true, undefined],
      ['/spec/map/b~1c/template', true, undefined],
    ]);
  });

  it('leads nowhere in what has no such keys', () =>
    expect(
      found({ spec: { template: 'text', list: null } }, '/spec/template/spec', '/spec/list/*', '/spec/no'),
    ).toEqual([]));

  it('knows whose pods belong to a Job, and which restartPolicy they get', () => {
    const spec = { pytorchReplicaSpecs: { Master: { restartPolicy: 'ExitCode', template } } };
    expect(
      found({ kind: 'PyTorchJob', apiVersion: 'kubeflow.org/v1', spec }, '/spec/pytorchReplicaSpecs/*/template'),
    ).toEqual([['/spec/pytorchReplicaSpecs/Master/template', false, 'Never']]);
    const launched = { mpiReplicaSpecs: { Launcher: { template }, Worker: { restartPolicy: 'odd', template } } };
    expect(
      found({ kind: 'MPIJob', apiVersion: 'kubeflow.org/v2beta1', spec: launched }, '/spec/mpiReplicaSpecs/*/template'),
    ).toEqual([
      ['/spec/mpiReplicaSpecs/Launcher/template', true, undefined],
      ['/spec/mpiReplicaSpecs/Worker/template', false, undefined],
    ]);
    const replicatedJobs = [{ template: { spec: { template } } }];
    const path = '/spec/replicatedJobs/*/template/spec/template';
    expect(found({ kind: 'JobSet', apiVersion: 'jobset.x-k8s.io/v1alpha2', spec: { replicatedJobs } }, path)).toEqual([
      [path.replace('*', '0'), true, 'OnFailure'],
    ]);
  });

  it('says of a kind that Clockout does not know that its pods count as those of a Job', () => {
    expect(describeTaken('Batch x', { kind: 'Batch', apiVersion: 'example.com/v1' })).toContain(
      'Batch x: its pods count',
    );
    expect(describeTaken('ScaledJob x', { kind: 'ScaledJob', apiVersion: 'keda.sh/v1alpha1' })).toBeUndefined();
  });
});
