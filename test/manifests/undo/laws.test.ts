/** Laws of `uninject` over what `inject` makes of generated pods in every style of YAML, and of the recorded ones. */
import { readdirSync, readFileSync } from 'node:fs';
import { applyPatch } from 'diff';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Settings } from '../../../src/admission/admit.ts';
import { admitSource } from '../../../src/manifests/admit-manifests.ts';
import { parseManifests, type Source } from '../../../src/manifests/find-pods.ts';
import { rewrite } from '../../../src/manifests/rewrite.ts';
import { planRecords } from '../../../src/manifests/undo/add-records.ts';
import { rewriteUninjected, uninjectSource } from '../../../src/manifests/undo/uninject-source.ts';
import { formatDiff } from '../../../src/manifests/unified-diff.ts';
import { findValue } from '../../../src/util/find-value.ts';
import { settings as usual, withStrategy } from '../../support/pods.ts';
import { numRuns } from '../../support/runs.ts';
import { anyText, patchedPod } from '../texts.ts';

function sourceOf(text: string): Source {
  const parsed = parseManifests('x', text);
  if (!parsed.ok) throw new Error(parsed.problem.join('\n'));
  return parsed.value;
}

async function inject(text: string, settings: Settings = usual): Promise<string> {
  const admitted = await admitSource(sourceOf(text), { settings }, ({ job }) => ({ from: 'cli', job }));
  if (!admitted.ok) throw new Error(admitted.problem.join('\n'));
  const rewritten = rewrite(planRecords(admitted.value));
  if (!rewritten.ok) throw new Error(rewritten.problem.join('\n'));
  return rewritten.value.after;
}

function uninject(text: string): string {
  const uninjected = uninjectSource(sourceOf(text));
  if (!uninjected.ok) throw new Error(uninjected.problem.join('\n'));
  const rewritten = rewriteUninjected(uninjected.value);
  if (!rewritten.ok) throw new Error(rewritten.problem.join('\n'));
  const { before, edits, after } = rewritten.value;
  expect(applyPatch(before, formatDiff('x', before, edits), { autoConvertLineEndings: false })).toBe(after);
  return after;
}

/**
 * Without what means nothing to Kubernetes, and without what only a record can take back: that a native sidecar was repaired, that
 * Istio's containers have the token, and a status that somebody else wrote.
 */
function meaning(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isToken(item)).map(meaning);
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  const isEmpty = (each: unknown) => each === null || (typeof each === 'object' && Object.keys(each).length === 0);
  const entries = Object.entries(value).map(([key, each]): [string, unknown] => [key, meaning(each)]);
  return Object.fromEntries(
    entries.filter(([key, each]) => !isEmpty(each) && key !== 'clockout.dev/status' && key !== 'restartPolicy'),
  );
}

const isToken = (item: unknown) => {
  const name = findValue(item, 'name');
  return typeof name === 'string' && name.startsWith('kube-api-access-');
};

const recorded = new URL('../../testdata/pods/', import.meta.url);
const recordedPods = readdirSync(recorded).map((name) => {
  const review = JSON.parse(readFileSync(new URL(name, recorded), 'utf8'));
  return [name, review.request?.object ?? review] as const;
});

const settings = fc.constantFrom(usual, withStrategy('native'), withStrategy('auto'));
const runs = { numRuns: numRuns(60) };
const timeout = 120_000;

describe('uninject', { timeout }, () => {
  it('gives back what inject was given, byte for byte', async () => {
    const law = fc.asyncProperty(
      fc.array(anyText, { minLength: 1, maxLength: 2 }),
      settings,
      async (texts, settings) => {
        for (const text of texts) expect(uninject(await inject(text, settings))).toBe(text);
      },
    );
    await fc.assert(law, runs);
  });

  it.each(recordedPods)('gives back %s, byte for byte', async (_, pod) => {
    const text = `${JSON.stringify(pod, null, 2)}\n`;
    for (const each of [usual, withStrategy('native')]) expect(uninject(await inject(text, each))).toBe(text);
  });

  it('leaves what has nothing of Clockout, and what it gave back', async () => {
    const law = fc.asyncProperty(anyText, async (text) => {
      expect(uninject(text)).toBe(text);
    });
    await fc.assert(law, runs);
  });

  it('takes the same parts out without a record, and nothing is left for a second time', async () => {
    const law = fc.asyncProperty(anyText, async (text) => {
      const injected = await inject(text);
      const changed = injected.replace(/clockout\.dev\/undo"?: *('(?:[^']|'')*'|"(?:[^"\\]|\\.)*")/, (entry, value) =>
        entry.replace(value, () => '"none"'),
      );
      const plain = uninject(changed);
      expect(plain).not.toMatch(/clockout-init|\/clockout\/run|\/clockout\/guard|clockout\.dev\/undo/);
      expect(meaning(sourceOf(plain).documents[0]?.value)).toEqual(meaning(sourceOf(text).documents[0]?.value));
      expect(uninject(plain)).toBe(plain);
    });
    await fc.assert(law, runs);
  });

  it('keeps what was changed since', async () => {
    const law = fc.asyncProperty(patchedPod, async (pod) => {
      const print = (image: string, more: object[] = []) => {
        const containers = pod.spec.containers.map((one) => ({ ...one, image })).concat(more as never[]);
        return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...pod, spec: { ...pod.spec, containers } }, null, 2);
      };
      const injected = await inject(print('example.com/app:1'));
      const changed = JSON.parse(injected.replaceAll('example.com/app:1', 'example.com/app:2'));
      const added = { name: 'added', image: 'x', env: [{ name: 'A', value: '1' }] };
      changed.spec.containers.push(added);
      const result = sourceOf(uninject(JSON.stringify(changed, null, 2))).documents[0]?.value;
      expect(meaning(findValue(result, 'spec', 'containers'))).toEqual(
        meaning(JSON.parse(print('example.com/app:2', [added])).spec.containers),
      );
    });
    await fc.assert(law, runs);
  });
});
