/** Makes tests of cases, and notes with each what was seen, where vitest's JSON report shows it. */
import { describe, it } from 'vitest';
import { NeedsBuiltCluster } from '../cluster/own-cluster.ts';
import type { Case, Group } from './case.ts';

export function runGroups<Place>(
  groups: Group<Place>[],
  makePlace: () => Promise<Place>,
  wanted: (each: Case<Place>) => boolean,
): void {
  for (const { title, cases } of groups.filter((group) => group.cases.some(wanted))) {
    describe(title, () => {
      for (const each of cases.filter(wanted)) {
        it(`${each.name}: ${each.title}`, async ({ task, skip }) => {
          const seen = await each.run(await makePlace()).catch((error: unknown) => {
            skip(error instanceof NeedsBuiltCluster, `${error}`);
            throw error;
          });
          Object.assign(task.meta, { case: each.name, ...(seen && { seen }) });
        });
      }
    });
  }
}
