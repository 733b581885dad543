import { describe, expect, it } from 'vitest';
import { decide } from '../../src/decide/decide.ts';
import { createFacts } from '../../src/pod/facts.ts';
import type { Pod } from '../../src/pod/schema.ts';
import { app, classicPod, jobPod } from '../support/pods.ts';

/** The pod, and how often its annotations are listed: each pass over them is one. */
function counted(pod: Pod): { pod: Pod; passes: () => number } {
  let passes = 0;
  const ownKeys = (annotations: Record<string, string | null>) => {
    passes++;
    return Reflect.ownKeys(annotations);
  };
  const annotations = new Proxy<Record<string, string | null>>(pod.metadata?.annotations ?? {}, { ownKeys });
  return { pod: { ...pod, metadata: { ...pod.metadata, annotations } }, passes: () => passes };
}

describe('the facts of a pod', () => {
  it('are read when they are first used, and once', () => {
    const { pod, passes } = counted(classicPod({ spec: { containers: [app(), { name: 'vault-agent' }] } }));
    const facts = createFacts(pod);
    expect(passes()).toBe(0);
    expect(facts.apps.map(({ container: { name } }) => name)).toEqual(['app']);
    const after = passes();
    expect(after).toBeGreaterThan(0);
    expect([facts.apps, facts.sidecars]).toEqual([facts.apps, [expect.objectContaining({ index: 1 })]]);
    expect([facts.options['quit-urls'], facts.optionProblems, facts.overBound]).toEqual([[], [], undefined]);
    expect(passes()).toBe(after);
  });

  it.each<[string, Pod]>([
    ['that belongs to no Job', classicPod({ metadata: { labels: {}, ownerReferences: [] } })],
    ['that is opted out', classicPod({ labels: { 'clockout.dev/inject': 'false' } })],
    ['without a sidecar', jobPod()],
  ])('do not cost a pass over the annotations of a pod %s', (_, given) => {
    const { pod, passes } = counted(given);
    expect(decide(createFacts(pod), { from: 'server' }).strategy).toBe('none');
    expect(passes()).toBe(0);
  });

  it('say what an earlier call of Clockout left in the pod', () => {
    const wrapped = app({ command: ['/env', '/clockout/busybox', 'sh', '/clockout/run', 'name=app', '--', '/app'] });
    const init = app({ name: 'clockout-init', command: ['/bin/busybox', 'sh', '-c', 'x'] });
    const status = { version: '1', sidecar: 'injected', containers: { app: { entrypoint: 'pod' } } };
    const annotations = { 'clockout.dev/status': JSON.stringify(status) };
    const facts = createFacts(classicPod({ annotations, spec: { containers: [wrapped], initContainers: [init] } }));
    expect(facts.apps[0]?.wrapped).toEqual({ before: ['/env'], argv: ['/app'] });
    expect(facts.own).toEqual({ native: [], initContainer: { index: 0, container: init }, status });
  });

  it.each([
    [undefined, undefined, 'Always'],
    ['OnFailure', undefined, 'OnFailure'],
    ['OnFailure', 'Never', 'Never'],
  ])('have the restart policy of an app: pod %s, container %s', (ofPod, ofContainer, expected) => {
    const containers = [app(ofContainer ? { restartPolicy: ofContainer } : {})];
    const { spec, ...pod } = jobPod({ spec: { containers } });
    const { restartPolicy: _, ...bare } = spec;
    const facts = createFacts({ ...pod, spec: { ...bare, ...(ofPod && { restartPolicy: ofPod }) } });
    expect(facts.apps[0]?.restartPolicy).toBe(expected);
  });
});
