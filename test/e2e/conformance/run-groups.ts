/** Makes tests of cases, and notes with each what was seen, where vitest's JSON report shows it. */
import { describe, it } from 'vitest';
import type { Case, Group } from './case.ts';

export function runGroups<Place>(
  groups: Group<Place>[],
  makePlace: () => Promise<Place>,
  wanted: (each: Case<Place>) => boolean,
): void {
  for (const { title, cases } of groups.filter((group) => group.cases.some(wanted))) {
    describe(title, () => {
      for (const each of cases.filter(wanted)) {
        it(`${each.name}: ${each.title}`, async ({ task }) => {
          const seen = await each.run(await makePlace());
          Object.assign(task.meta, { case: each.name, ...(seen && { seen }) });
        });
      }
    });
  }
}
