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

/** All but the last column, and the lines of the summary that a run writes. */
function withoutResults(text: string): string {
  return text
    .replace(/ \| (?:[^|\n]|\\\|)* \|$/gm, ' |')
    .replace(/^(- \*\*(?:What differs|Versions):\*\* ).*$/gm, '$1');
}

it('the summary counts the cases that differ from a Job without a sidecar', () => {
  const seen = {
    [`${names[0]}`]: 'Failed; as without a sidecar; the same under `native`',
    [`${names[1]}`]: 'Failed; without a sidecar Complete: a reason; under `native` as without a sidecar',
    [`${names[2]}`]: 'Complete, with each strategy',
  };
  expect(renderPage(seen, {})).toContain(
    'of the 2 cases that compare with a Job without a sidecar, 1 have another result',
  );
});
