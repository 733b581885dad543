/** Recognises pods that are only a part of one, such as the patches of kustomize, and pods behind something that is no map. Pure. */
import { pointer } from '../inject/patch/operations.ts';
import { findValue } from '../util/find-value.ts';
import { isObject } from '../util/json-object.ts';
import { type PodTemplate, podPaths } from './find-pods.ts';

/** `because`: how a sentence goes on after this word. */
export type IncompleteTemplate = { template: PodTemplate; because: string };

/**
 * Kubernetes takes no pod without containers, and no field of it is called `$patch`.
 * @returns undefined for a pod that looks complete
 * @see https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
export function explainIncomplete(template: PodTemplate): string | undefined {
  const { kind, pod } = template;
  if (!hasOwnPath(kind) || findMisplaced(template)) return undefined;
  const spec = findValue(pod, 'spec');
  const [containers, initContainers] = [findValue(spec, 'containers'), findValue(spec, 'initContainers')];
  if (containers === undefined || containers === null) return 'it has no containers';
  const parts = [spec, containers, initContainers].flat();
  return parts.some((part) => findValue(part, '$patch') !== undefined) ? 'it has the field $patch' : undefined;
}

/** @returns what stands where a map leads to the pod, or is its spec; `path` is a JSON pointer from the object */
export function findMisplaced({ kind, object }: PodTemplate): { path: string; found: unknown } | undefined {
  const steps = hasOwnPath(kind) ? [...podPaths[kind], 'spec'] : [];
  let found: unknown = object;
  for (const [i, step] of steps.entries()) {
    found = findValue(found, step);
    if (found === undefined || found === null) return undefined;
    if (!isObject(found)) return { path: pointer(...steps.slice(0, i + 1)), found };
  }
  return undefined;
}

// --- internal ---

/** At a path in another kind, it is more likely that the path is wrong. */
const hasOwnPath = (kind: string): kind is keyof typeof podPaths => Object.hasOwn(podPaths, kind);
