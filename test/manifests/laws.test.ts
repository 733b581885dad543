/** Laws of `inject -o yaml` over generated pods, printed in every style that YAML has for them. */
import { applyPatch } from 'diff';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admitSource } from '../../src/manifests/admit-manifests.ts';
import { parseManifests, type Source } from '../../src/manifests/find-pods.ts';
import { printJson } from '../../src/manifests/print-json.ts';
import { createStream } from '../../src/manifests/render.ts';
import { rewrite } from '../../src/manifests/rewrite.ts';
import { formatDiff } from '../../src/manifests/unified-diff.ts';
import { applyEdits } from '../../src/manifests/yaml/apply-edits.ts';
import { parseYaml } from '../../src/manifests/yaml/parse.ts';
import { printYaml } from '../../src/manifests/yaml/print.ts';
import { splice } from '../../src/manifests/yaml/splice.ts';
import { findValue } from '../../src/util/find-value.ts';
import { settings as usual, withStrategy } from '../support/pods.ts';
import { numRuns } from '../support/runs.ts';
import { anyText, jsonText, patchedPod } from './texts.ts';

function sourceOf(text: string): Source {
  const parsed = parseManifests('x', text);
  if (!parsed.ok) throw new Error(parsed.problem.join('\n'));
  return parsed.value;
}

async function admit(text: string, settings = usual) {
  const admitted = await admitSource(sourceOf(text), { settings }, ({ job }) => ({ from: 'cli', job }));
  if (!admitted.ok) throw new Error('not admitted');
  return admitted.value;
}

async function inject(text: string, settings = usual): Promise<string> {
  const rewritten = rewrite(await admit(text, settings));
  if (!rewritten.ok) throw new Error(rewritten.problem.join('\n'));
  return rewritten.value.after;
}

const runs = { numRuns: numRuns(60) };
const timeout = 60_000;

describe('inject -o yaml', { timeout }, () => {
  it('says what the patch says, and leaves nothing to do for a second run', async () => {
    const law = fc.asyncProperty(anyText, async (text) => {
      const [{ after } = fail()] = (await admit(text)).documents;
      const once = await inject(text);
      expect(sourceOf(once).documents.map(({ value }) => value)).toEqual([after]);
      expect(await inject(once)).toBe(once);
    });
    await fc.assert(law, runs);
  });

  it('leaves every byte outside of what it adds or replaces', async () => {
    const law = fc.asyncProperty(anyText, async (text) => {
      const { documents } = await admit(text);
      const [{ document, operations, after } = documents[0] ?? fail()] = documents;
      const spliced = splice(text, document.node, { before: document.value, after, operations });
      if (!spliced.ok) throw new Error(spliced.problem.reason);
      const sorted = [...spliced.value].sort((a, b) => a.start - b.start);
      let rest = applyEdits(text, spliced.value);
      let at = 0;
      for (const { start, end, text: added } of sorted) {
        expect(rest.startsWith(text.slice(at, start) + added)).toBe(true);
        rest = rest.slice(start - at + added.length);
        at = end;
      }
      expect(rest).toBe(text.slice(at));
    });
    await fc.assert(law, runs);
  });

  it('takes away nothing but values that are replaced, and empty ones', async () => {
    const law = fc.asyncProperty(anyText, async (text) => {
      const { documents } = await admit(text);
      const [{ document, operations, after } = fail()] = documents;
      const spliced = splice(text, document.node, { before: document.value, after, operations });
      if (!spliced.ok) throw new Error(spliced.problem.reason);
      const taken = spliced.value.map(({ start, end }) => text.slice(start, end).trim()).filter(Boolean);
      const replaced = operations.filter(({ op }) => op === 'replace').length;
      const isEmpty = (value: string) => /^(\[\s*\]|\{\s*\}|null|~)$/.test(value.replace(/#.*/g, '').trim());
      expect(taken.filter((value) => !isEmpty(value)).length).toBeLessThanOrEqual(replaced);
    });
    await fc.assert(law, runs);
  });

  it('shows in its diff what it does: applied, it gives the same text', async () => {
    const law = fc.asyncProperty(anyText, async (text) => {
      const rewritten = rewrite(await admit(text));
      if (!rewritten.ok) throw new Error(rewritten.problem.join('\n'));
      const { before, edits, after } = rewritten.value;
      expect(applyPatch(before, formatDiff('x', before, edits), { autoConvertLineEndings: false })).toBe(after);
    });
    await fc.assert(law, runs);
  });

  it('keeps JSON the JSON that it is', async () => {
    const law = fc.asyncProperty(jsonText, async (text) => {
      const result = await inject(text);
      const space = /^\{\n(\s+)/.exec(text)?.[1] ?? '';
      expect(JSON.stringify(JSON.parse(result), null, space)).toBe(result);
    });
    await fc.assert(law, { numRuns: numRuns(100) });
  });

  it('keeps the digits of every number in the containers that it moves', async () => {
    const number = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
      fc.nat(4).map((n) => 2n ** 63n + BigInt(n)),
      fc.constantFrom(2 ** 65, 2 ** 65 + 2 ** 13, 1e300, 0.1),
    );
    const numbers = fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.array(number, { maxLength: 6 }));
    const print = fc.constantFrom<(value: unknown) => string>(printJson, (value) =>
      printYaml(value, { indent: 2, indentSeq: false, literals: true }),
    );
    const read = (text: string) => {
      const spec = findValue(sourceOf(text).documents[0]?.value, 'spec');
      const lists = ['containers', 'initContainers'].map((list) => findValue(spec, list));
      return new Map(lists.flat().map((one) => [findValue(one, 'name'), printJson(findValue(one, 'numbers'))]));
    };
    const law = fc.asyncProperty(patchedPod, fc.array(numbers, { minLength: 1 }), print, async (pod, all, print) => {
      const containers = pod.spec.containers.map((one, i) => ({ ...one, numbers: all[i % all.length] }));
      const text = print({ apiVersion: 'v1', kind: 'Pod', ...pod, spec: { ...pod.spec, containers } });
      const [before, after] = [read(text), read(await inject(text, withStrategy('native')))];
      expect(new Map([...before.keys()].map((name) => [name, after.get(name)]))).toEqual(before);
    });
    await fc.assert(law, runs);
  });

  it('joins files into one stream of the same documents', () => {
    const law = fc.property(fc.array(anyText, { maxLength: 3 }), (texts) => {
      const stream = createStream();
      for (const text of texts) stream.add(text);
      const joined = parseYaml('x', [...stream.finish()].join(''));
      const apart = texts.flatMap((text) => sourceOf(text).documents.map(({ value }) => value));
      expect(joined.ok && joined.value.documents.map(({ value }) => value)).toEqual(apart);
    });
    fc.assert(law, { numRuns: numRuns(50) });
  });
});

function fail(): never {
  throw new Error('expected a document');
}
