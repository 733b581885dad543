import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { clusterGroups } from './cluster/groups.ts';
import { containedGroups } from './contained/groups.ts';
import { page, renderPage } from './page.ts';

const names = [...clusterGroups, ...containedGroups].flatMap((group) => group.cases.map(({ name }) => name));

it('every conformance case has its own name, which can be the name of a Job', () => {
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
});

it('docs/conformance.md lists the same cases as the code (npm run conformance writes it)', () => {
  expect(withoutResults(readFileSync(page, 'utf8'))).toBe(withoutResults(renderPage({}, {})));
});

/** All but the last column and the line of versions. */
function withoutResults(text: string): string {
  return text.replace(/ \| (?:[^|\n]|\\\|)* \|$/gm, ' |').replace(/^(This page was written by a run with ).*$/m, '$1');
}
