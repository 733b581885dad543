import { expect, it } from 'vitest';
import type { AdmittedSource } from '../../src/manifests/admit-manifests.ts';
import { parseManifests } from '../../src/manifests/find-pods.ts';
import { rewrite } from '../../src/manifests/rewrite.ts';

function admitted(text: string, after: unknown): AdmittedSource {
  const parsed = parseManifests('x.yaml', text);
  if (!parsed.ok) throw new Error('expected a source');
  const operations = [{ op: 'add' as const, path: '/b', value: 2 }];
  return {
    source: parsed.value,
    documents: parsed.value.documents.map((document) => ({ document, templates: [], patches: [], operations, after })),
  };
}

it('holds the new text against the patched value', () => {
  expect(rewrite(admitted('a: 1\n', { a: 1, b: 2 }))).toMatchObject({ ok: true, value: { after: 'a: 1\nb: 2\n' } });
  expect(() => rewrite(admitted('a: 1\n', { a: 0, b: 2 }))).toThrow(
    'x.yaml: the text with the patch does not say what the patch says',
  );
});
