/**
 * Bounds on a pod, so that no pod costs the webhook more than a few real ones do. A pod over a bound is skipped as
 * `too-large`, before anything reads it closely. docs/limits.md lists the bounds.
 */
import { prefix } from './names.ts';
import type { Pod } from './schema.ts';

export type Bound = {
  most: number;
  /** Both complete the sentence "the pod has 201 …, more than 200". */
  verb: 'has' | 'needs';
  of: string;
  /** Where the number comes from, for the docs. */
  why: string;
};

export const podBounds = {
  containers: {
    most: 200,
    verb: 'has',
    of: 'containers and init containers',
    why: 'ten times the largest pod that Clockout was measured with',
  },
  annotations: {
    most: 500,
    verb: 'has',
    of: 'annotations',
    why: 'ten times as many annotations as Istio defines for pods',
  },
  annotationText: {
    most: 262_144,
    verb: 'has',
    of: `characters in annotations ${prefix}…`,
    why: "Kubernetes' own bound on all annotations of a pod",
  },
  names: {
    most: 200,
    verb: 'has',
    of: `names in ${prefix}containers, ${prefix}exclude-containers or ${prefix}sidecars`,
    why: 'the bound on containers',
  },
  containerName: {
    most: 253,
    verb: 'has',
    of: 'characters in the name of a container',
    why: 'Kubernetes allows 63, but checks this only after it has called the webhooks; the patch contains the name several times',
  },
  patch: {
    most: 176_128,
    verb: 'needs',
    of: 'bytes of JSON Patch',
    why: 'the whole answer is then at most 256 KiB, whatever its warnings say; the longest command in the charts that were tried has 18 kB',
  },
} as const satisfies Record<string, Bound>;

/** The pod has more than Clockout reads or changes. */
export type BoundProblem = { code: 'over-bound'; bound: BoundName; found: number };

type BoundName = keyof typeof podBounds;

/** @returns the first bound that the pod is over; it takes one pass over the pod's annotations to know */
export function findOverBound({ metadata, spec }: Pod): BoundProblem | undefined {
  const all = metadata?.annotations ?? {};
  const keys = Object.keys(all);
  const containers = spec.containers.length + (spec.initContainers?.length ?? 0);
  const over = checkBounds({ containers, annotations: keys.length });
  if (over !== undefined) return over;
  const own = keys.filter((key) => key.startsWith(prefix));
  const itemsIn = (name: string) => countItems(all[prefix + name]);
  return checkBounds({
    annotationText: own.reduce((sum, key) => sum + key.length + (all[key]?.length ?? 0), 0),
    names: Math.max(...['containers', 'exclude-containers', 'sidecars'].map(itemsIn)),
    containerName: Math.max(...[...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name.length)),
  });
}

/** @returns the first bound that is below its count */
export function checkBounds(counts: Partial<Record<BoundName, number>>): BoundProblem | undefined {
  for (const bound of boundNames) {
    const found = counts[bound];
    if (found !== undefined && found > podBounds[bound].most) return { code: 'over-bound', bound, found };
  }
  return undefined;
}

// --- internal ---

const boundNames = Object.keys(podBounds) as BoundName[];

function countItems(list: string | null | undefined): number {
  let count = 1;
  for (let at = list?.indexOf(',') ?? -1; at >= 0; at = list?.indexOf(',', at + 1) ?? -1) count++;
  return count;
}
