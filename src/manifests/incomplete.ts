/** Recognises pods that are only a part of one, such as the patches of kustomize. Pure. */

import { findValue } from '../util/find-value.ts';
import type { PodTemplate } from './find-pods.ts';

/** `because`: how a sentence goes on after this word. */
export type IncompleteTemplate = { template: PodTemplate; because: string };

/**
 * Kubernetes takes no pod without containers, and no field of it is called `$patch`.
 * @returns undefined for a pod that looks complete
 * @see https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
export function explainIncomplete({ kind, pod }: PodTemplate): string | undefined {
  if (!kinds.has(kind)) return undefined;
  const spec = findValue(pod, 'spec');
  const [containers, initContainers] = [findValue(spec, 'containers'), findValue(spec, 'initContainers')];
  if (containers === undefined || containers === null) return 'it has no containers';
  const parts = [spec, containers, initContainers].flat();
  return parts.some((part) => findValue(part, '$patch') !== undefined) ? 'it has the field $patch' : undefined;
}

// --- internal ---

/** At a path in another kind, it is more likely that the path is wrong. */
const kinds = new Set(['Pod', 'Job', 'CronJob']);
