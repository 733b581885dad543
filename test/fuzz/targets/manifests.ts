/** Manifests through `inject`, `explain` and `uninject`. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { type AdmittedSource, admitSource } from '../../../src/manifests/admit-manifests.ts';
import { parseManifests } from '../../../src/manifests/find-pods.ts';
import { printJson } from '../../../src/manifests/print-json.ts';
import { rewrite } from '../../../src/manifests/rewrite.ts';
import { planRecords } from '../../../src/manifests/undo/add-records.ts';
import { rewriteUninjected, uninjectSource } from '../../../src/manifests/undo/uninject-source.ts';
import { parseYaml } from '../../../src/manifests/yaml/parse.ts';
import { printYaml } from '../../../src/manifests/yaml/print.ts';
import { settings } from '../../support/pods.ts';
import { mutatedText } from '../mutations.ts';
import { defineTarget } from '../target.ts';

const folder = new URL('../../commands/testdata/', import.meta.url);
const texts = readdirSync(folder)
  .filter((file) => file.endsWith('.input.yaml'))
  .map((file) => readFileSync(new URL(file, folder), 'utf8'));

const tokens = [
  ...[': ', ':', '- ', '-', '? ', '|', '>', '|2-', '>+\n', '#', ' #', '\n', '\r\n', '\t', '  ', ' ', '---\n', '...\n'],
  ...[
    '[',
    ']',
    '{',
    '}',
    ',',
    '&a ',
    '*a',
    '<<: ',
    '!!str ',
    '"',
    "'",
    '\\',
    '~',
    'null',
    '0x1',
    '1_0',
    '12:30',
    '.inf',
  ],
  ...['\ufeff', '\u0085', '\u2028', '\u0000', '😀', 'command:', 'args:', 'containers:', 'kind: Job\n', 'spec:\n'],
];

export const manifests = defineTarget({
  name: 'manifests',
  inputs: mutatedText(texts, tokens),
  check: async (text) => {
    const parsed = parseManifests('x', text);
    if (!parsed.ok) {
      assert(parsed.problem.length > 0, 'it is refused without a problem');
      return;
    }
    const admitted = await admit(text);
    if (!admitted) return;
    const written = rewrite(admitted);
    if (written.ok) assertSays(written.value.after, admitted);
    const injected = await inject(text);
    if (injected === undefined) return;
    assert.equal(await inject(injected), injected, 'inject changes what inject gave');
    assert.equal(uninject(injected), text, 'uninject does not undo inject');
  },
});

export const yaml = defineTarget({
  name: 'yaml',
  inputs: mutatedText(texts, tokens),
  check: (text) => {
    const parsed = parseYaml('x', text);
    if (!parsed.ok) return;
    for (const { value } of parsed.value.documents) {
      const printed = printYaml(value ?? null, { indent: 2, indentSeq: true, literals: true });
      const again = parseYaml('x', printed);
      assert.deepEqual(again.ok && again.value.documents[0]?.value, value ?? null, printed);
    }
  },
});

// --- internal ---

/** @returns undefined for what is refused with a problem */
async function admit(text: string): Promise<AdmittedSource | undefined> {
  const parsed = parseManifests('x', text);
  if (!parsed.ok) return undefined;
  const admitted = await admitSource(parsed.value, { settings }, ({ job }) => ({ from: 'cli', job }));
  return admitted.ok ? admitted.value : undefined;
}

/** An answered review can have keys that are undefined, which no text has. */
function assertSays(text: string, { documents }: AdmittedSource): void {
  const parsed = parseYaml('x', text);
  const said = parsed.ok ? parsed.value.documents.map(({ value }) => value) : parsed.problem;
  const wanted = documents.map(({ document, after }) => (document.isReview ? JSON.parse(printJson(after)) : after));
  assert.deepEqual(said, wanted, 'the text does not say what the patch says');
}

async function inject(text: string): Promise<string | undefined> {
  const admitted = await admit(text);
  const rewritten = admitted && rewrite(planRecords(admitted));
  return rewritten?.ok ? rewritten.value.after : undefined;
}

function uninject(text: string): string {
  const parsed = parseManifests('x', text);
  if (!parsed.ok) return parsed.problem.join('\n');
  const uninjected = uninjectSource(parsed.value);
  if (!uninjected.ok) return uninjected.problem.join('\n');
  const rewritten = rewriteUninjected(uninjected.value);
  return rewritten.ok ? rewritten.value.after : rewritten.problem.join('\n');
}
