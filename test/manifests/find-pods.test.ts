import { describe, expect, it } from 'vitest';
import { formatTitle, parseManifests, readNamespaces } from '../../src/manifests/find-pods.ts';

function documents(text: string) {
  const parsed = parseManifests('x.yaml', text);
  if (!parsed.ok) throw new Error(parsed.problem.join('\n'));
  return parsed.value.documents;
}

const templates = (text: string) => documents(text).flatMap((document) => document.templates);

const found = (text: string) => templates(text).map(({ path, job, ...rest }) => [formatTitle(rest), path, job]);

describe('pod templates', () => {
  it.each([
    ['apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: jobs}', [['Pod jobs/p', '', false]]],
    ['apiVersion: v1\nkind: Pod\nmetadata: {generateName: p-}', [['Pod p-*', '', false]]],
    ['apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}', [['Job j', '/spec/template', true]]],
    [
      'apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}',
      [['CronJob c', '/spec/jobTemplate/spec/template', true]],
    ],
    [
      'apiVersion: batch/v1beta1\nkind: CronJob',
      [['CronJob (without a name)', '/spec/jobTemplate/spec/template', true]],
    ],
    ['{"apiVersion":"v1","kind":"Pod","metadata":{"name":"json"}}', [['Pod json', '', false]]],
    ['apiVersion: apps/v1\nkind: Deployment', []],
    ['apiVersion: batch.volcano.sh/v1alpha1\nkind: Job', []],
    ['apiVersion: example.com/v1\nkind: Pod', []],
    ['kind: Job\nspec: {}', []],
    ['- a\n- list', []],
    ['text', []],
    ['', []],
  ])('%j', (text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  it('are found in lists, and in lists of lists', () => {
    const job = '{apiVersion: batch/v1, kind: Job, metadata: {name: j}}';
    const pod = '{apiVersion: v1, kind: Pod, metadata: {name: p}}';
    expect(
      found(
        `{apiVersion: v1, kind: List, items: [{kind: Secret}, ${job}, {apiVersion: v1, kind: List, items: [${pod}]}]}`,
      ),
    ).toEqual([
      ['Job j', '/items/1/spec/template', true],
      ['Pod p', '/items/2/items/0', false],
    ]);
  });

  it('are found in a typed list, whose items leave out their kind', () => {
    expect(found('apiVersion: batch/v1\nkind: JobList\nitems:\n- metadata: {name: j}\n')).toEqual([
      ['Job j', '/items/0/spec/template', true],
    ]);
  });

  it('are found in the review of a pod, with the namespace that the review knows', () => {
    const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'p-' }, spec: { containers: [] } };
    const text = JSON.stringify({ ...review, request: { uid: '1', namespace: 'jobs', object } });
    expect(found(text)).toEqual(
      [['Pod p-*', '/request/object', false]].map(([, ...rest]) => ['Pod jobs/p-*', ...rest]),
    );
    expect(documents(text)[0]?.isReview).toBe(true);
  });

  it('are numbered with their documents, and know their line', () => {
    const text = '# head\n---\n# c\nkind: A\n---\n---\n\nkind: B\n';
    expect(documents(text).map(({ number, line }) => [number, line])).toEqual([
      [1, 4],
      [2, 8],
    ]);
  });
});

it('tells a Job of another API group from one of its own', () => {
  expect(documents('apiVersion: example.com/v1\nkind: Job\nmetadata: {name: v}')[0]?.others).toMatchObject([
    { line: "Job v of example.com/v1: skipped, because it is not of Kubernetes' own API group batch", isOpen: false },
  ]);
});

it('finds the labels of namespaces', () => {
  const text = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: jobs, labels: {a: b, odd: 1}}\n---\nkind: Other\n';
  expect([...readNamespaces(documents(text), 'labels')]).toEqual([['jobs', { a: 'b' }]]);
});
