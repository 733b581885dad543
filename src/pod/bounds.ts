/**
 * Bounds on a pod, so that no pod costs the webhook more than a few real ones do. What is over one is `too-large`: it is
 * skipped before anything reads it closely, with the one sentence that docs/limits.md has, too.
 */
import { prefix } from './names.ts';
import type { Pod } from './schema.ts';

export type Bound = {
  most: number;
  /** Both complete the sentence "the pod has 201 …, more than 200". */
  verb: 'has' | 'needs';
  of: string;
  /** Where the number comes from, for the docs. */
  because: string;
};

export const podBounds = {
  containers: {
    most: 200,
    verb: 'has',
    of: 'containers and init containers',
    because: 'ten times the largest pod that Clockout was measured with',
  },
  annotations: {
    most: 500,
    verb: 'has',
    of: 'annotations',
    because: 'ten times as many as Istio has for pods',
  },
  annotationText: {
    most: 262_144,
    verb: 'has',
    of: `characters in annotations ${prefix}…`,
    because: "Kubernetes' own bound on all annotations of a pod",
  },
  names: {
    most: 200,
    verb: 'has',
    of: `names in ${prefix}containers or ${prefix}exclude-containers`,
    because: 'as many as containers',
  },
  patch: {
    most: 180_224,
    verb: 'needs',
    of: 'bytes of JSON Patch',
    because:
      'ten times the longest command in the charts that were tried (18 kB); the whole answer is then at most 256 KiB',
  },
} as const satisfies Record<string, Bound>;

/** @param found a count, or N in the docs */
export const overBound = ({ verb, of, most }: Bound, found: number | 'N'): string =>
  `the pod ${verb} ${found} ${of}, more than ${most}`;

/** The sentence for the first bound that the pod is over; what it takes to know that is one pass over its annotations. */
export function findOverBound({ metadata, spec }: Pod): string | undefined {
  const all = metadata?.annotations ?? {};
  const annotations = Object.keys(all).length;
  const containers = spec.containers.length + (spec.initContainers?.length ?? 0);
  const over = firstOver({ containers, annotations });
  if (over !== undefined) return over;
  const ours = Object.entries(all).filter(([key]) => key.startsWith(prefix));
  const itemsIn = (name: string) => countItems(all[prefix + name]);
  return firstOver({
    annotationText: ours.reduce((sum, [key, value]) => sum + key.length + (value?.length ?? 0), 0),
    names: Math.max(itemsIn('containers'), itemsIn('exclude-containers')),
  });
}

/** The same for what was counted elsewhere. */
export function firstOver(counts: Partial<Record<keyof typeof podBounds, number>>): string | undefined {
  for (const [name, found] of Object.entries(counts)) {
    const bound = podBounds[name as keyof typeof podBounds];
    if (found > bound.most) return overBound(bound, found);
  }
  return undefined;
}

// --- internal ---

function countItems(list: string | null | undefined): number {
  let count = 1;
  for (let at = list?.indexOf(',') ?? -1; at >= 0; at = list?.indexOf(',', at + 1) ?? -1) count++;
  return count;
}
