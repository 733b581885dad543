/** What would change for new pods if Clockout were installed otherwise. Pure. */
import { parseReference } from '../oci/reference.ts';
import { groupBy } from '../util/group-by.ts';
import type { SpecFate } from './job-fate.ts';
import type { JobRecord } from './records.ts';

export type Preview = {
  /** Of several installations, those of each, with `and` between them. */
  mode: string;
  strategy: string;
  /** How many Jobs and CronJobs would have another fate, by both. */
  changes: { from: SpecFate; to: SpecFate; count: number }[];
  /** Where, those with the most changes first. */
  namespaces: { namespace: string; count: number }[];
  /** How many images Clockout would look up, at which registries, because a container has no command. */
  lookups: { registry: string; images: number }[];
};

/** @param jobs those that a CronJob has created do not count besides it */
export function preview(jobs: readonly JobRecord[], by: Pick<Preview, 'mode' | 'strategy'>): Preview {
  const counted = jobs.filter(({ cronJob, problem }) => cronJob === undefined && problem === undefined);
  const changed = counted.filter(isChanged);
  const changes = groupBy(changed, ({ judged, planned }) => `${judged.fate} ${planned?.fate}`);
  return {
    ...by,
    changes: [...changes.values()]
      .flatMap((group) => {
        const [first] = group;
        return first?.planned ? [{ from: first.judged.fate, to: first.planned.fate, count: group.length }] : [];
      })
      .sort((a, b) => b.count - a.count),
    namespaces: [...groupBy(changed, ({ namespace }) => namespace)]
      .map(([namespace, group]) => ({ namespace, count: group.length }))
      .sort((a, b) => b.count - a.count),
    lookups: countLookups(counted.filter(({ planned }) => planned?.fate === 'wrapped')),
  };
}

// --- internal ---

const isChanged = ({ judged, planned }: JobRecord): boolean =>
  planned !== undefined && (planned.fate !== judged.fate || planned.converted !== judged.converted);

function countLookups(jobs: readonly JobRecord[]): Preview['lookups'] {
  const images = new Set(jobs.flatMap(({ planned }) => planned?.images ?? []));
  return [...groupBy(images, registryOf)]
    .map(([registry, group]) => ({ registry, images: group.length }))
    .sort((a, b) => b.images - a.images);
}

function registryOf(image: string): string {
  const reference = parseReference(image);
  return reference.ok ? reference.value.registry : 'not readable';
}
