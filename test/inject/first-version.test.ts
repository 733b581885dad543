/**
 * Pods that version 0.1.0 has patched, whose scripts shared one directory: two versions see a pod one after the other while
 * replicas are replaced. Its patches were recorded from it: `alone`, and `afterUs`, of a pod that we have patched.
 */
import { readdirSync, readFileSync } from 'node:fs';
import jsonPatch, { type Operation } from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { admitPod } from '../../src/admission/admit.ts';
import type { Pod } from '../../src/pod/schema.ts';
import { app, frozen, settings } from '../support/pods.ts';

const recorded = new URL('../testdata/first-version/', import.meta.url);
const names = readdirSync(recorded).map((file) => file.replace(/\.json$/, ''));
const json = (url: URL) => JSON.parse(readFileSync(url, 'utf8'));

const apply = (pod: Pod, patch: Operation[]): Pod => jsonPatch.applyPatch(structuredClone(pod), patch).newDocument;

async function ours(pod: Pod): Promise<Pod> {
  const outcome = await admitPod(frozen(structuredClone(pod)), { from: 'server' }, settings);
  if (outcome.kind === 'skipped') throw new Error(`expected a patch, found ${outcome.reason}`);
  return outcome.kind === 'patched' ? outcome.patched : pod;
}

/** The order of mounts means nothing. */
const sorted = ({ spec, ...rest }: Pod): Pod => ({
  ...rest,
  spec: {
    ...spec,
    containers: spec.containers.map(({ volumeMounts, ...container }) => ({
      ...container,
      volumeMounts: (volumeMounts ?? []).toSorted((a, b) => (a.mountPath < b.mountPath ? -1 : 1)),
    })),
  },
});

describe.each(names)('%s', (name) => {
  const pod: Pod = json(new URL(`../pods/${name}.json`, recorded)).request.object;
  const patches: { alone: Operation[]; afterUs: Operation[] } = json(new URL(`${name}.json`, recorded));

  it('old, then new, is as new alone, except for how many words the command had: the old version did not record it', async () => {
    const withoutWords = (pod: Pod) => JSON.parse(JSON.stringify(sorted(pod)).replace(/,\\"words\\":\d+/g, ''));
    expect(withoutWords(await ours(apply(pod, patches.alone)))).toEqual(withoutWords(await ours(pod)));
  });

  it('new, then old, then new, is as new alone', async () => {
    const first = await ours(pod);
    expect(sorted(await ours(apply(first, patches.afterUs)))).toEqual(sorted(first));
  });

  it('new, then old, has all that the old scripts need', async () => {
    const { spec } = apply(await ours(pod), patches.afterUs);
    const alone = apply(pod, patches.alone).spec;
    expect(spec.initContainers).toEqual(alone.initContainers);
    for (const [i, { volumeMounts, ...container }] of alone.containers.entries()) {
      const { volumeMounts: mounted, ...found } = spec.containers[i] ?? app();
      expect(found).toEqual(container);
      expect(mounted).toEqual(expect.arrayContaining(volumeMounts ?? []));
    }
  });

  it('a second version may see only one of the containers wrapped', async () => {
    // With the service account's token, as all have it.
    const { volumeMounts } = pod.spec.containers.find(({ name }) => name !== 'istio-proxy') ?? {};
    const late = app({ name: 'late', volumeMounts: volumeMounts ?? [] });
    const old = apply(pod, patches.alone);
    const both = { ...old, spec: { ...old.spec, containers: [...old.spec.containers, late] } };
    const neither = { ...pod, spec: { ...pod.spec, containers: [...pod.spec.containers, late] } };
    const [twice, once] = [sorted(await ours(both)).spec, sorted(await ours(neither)).spec];
    expect(twice.containers).toEqual(once.containers);
    // Its resources stay as they were.
    const text = ({ initContainers }: Pod['spec']) => initContainers?.map(({ command, args }) => ({ command, args }));
    expect(text(twice)).toEqual(text(once));
  });
});
