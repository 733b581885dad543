import { describe, expect, it } from 'vitest';
import { describeOtherKind } from '../../src/manifests/other-kinds.ts';

const ends = { spec: { restartPolicy: 'Never', containers: [{ name: 'a' }] } };
const goesOn = { spec: { containers: [{ name: 'a' }] } };
const label = 'it wraps those with the label clockout.dev/inject: "true"';

const line = (kind: string, apiVersion: string, spec: object) =>
  describeOtherKind(`${kind} x`, { kind, apiVersion, metadata: { name: 'x' }, spec })?.line;

describe('a kind whose controller creates pods that end gets one line', () => {
  it.each<[kind: string, apiVersion: string, spec: object, rest: string]>([
    [
      'JobSet',
      'jobset.x-k8s.io/v1alpha2',
      { replicatedJobs: [{ template: { spec: { template: goesOn } } }, { template: { spec: { template: ends } } }] },
      ", which belong to Jobs; see them with --template-path '/spec/replicatedJobs/*/template/spec/template'",
    ],
    [
      'ScaledJob',
      'keda.sh/v1alpha1',
      { jobTargetRef: { template: ends } },
      ', which belong to Jobs; see them with --template-path /spec/jobTargetRef/template',
    ],
    [
      'RayJob',
      'ray.io/v1',
      { rayClusterSpec: { headGroupSpec: { template: goesOn } }, submitterPodTemplate: ends },
      `: those that launch it belong to a Job; of the others, ${label}; see them with --template-path /spec/rayClusterSpec/headGroupSpec/template --template-path /spec/submitterPodTemplate`,
    ],
    [
      'RayJob',
      'ray.io/v1',
      { entrypoint: 'python x.py' },
      `: those that launch it belong to a Job; of the others, ${label}`,
    ],
    [
      'PyTorchJob',
      'kubeflow.org/v1',
      { pytorchReplicaSpecs: { Master: { template: goesOn } } },
      `, which belong to no Job: ${label}; see them with --template-path /spec/pytorchReplicaSpecs/Master/template`,
    ],
    ['SparkApplication', 'sparkoperator.k8s.io/v1beta2', { driver: {} }, `, which belong to no Job: ${label}`],
    [
      'Job',
      'batch.volcano.sh/v1alpha1',
      { tasks: [{ template: ends }] },
      `, which belong to no Job: ${label}; see them with --template-path '/spec/tasks/*/template'`,
    ],
    [
      'Workflow',
      'argoproj.io/v1alpha1',
      { templates: [{ container: { image: 'x' } }] },
      ': without the label clockout.dev/inject: "true", it skips them as managed-command',
    ],
    [
      'Batch',
      'example.com/v1',
      { "it's": { template: ends } },
      "; see them with --template-path '/spec/it'\\''s/template'",
    ],
  ])('%s', (kind, apiVersion, spec, rest) =>
    expect(line(kind, apiVersion, spec)).toBe(`${kind} x: skipped; the webhook would decide on its pods${rest}`),
  );

  it('but not one whose pods go on, or that has none', () => {
    expect(line('Deployment', 'apps/v1', { template: goesOn })).toBeUndefined();
    expect(line('Service', 'v1', { ports: [{ port: 80 }] })).toBeUndefined();
    expect(line('Pod', 'example.com/v1', ends.spec)).toBeUndefined();
    expect(line('Job', 'constructor/v1', {})).toBeUndefined();
  });

  it('names at most five paths, and at most a thousand characters', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`${i}`, { template: ends }]));
    expect(line('Batch', 'example.com/v1', many)?.match(/--template-path/g)).toHaveLength(5);
    expect(line('Batch', 'example.com/v1', { ['x'.repeat(5000)]: ends })?.length).toBeLessThanOrEqual(1000);
  });
});
