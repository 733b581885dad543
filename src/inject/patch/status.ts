/** Writes the annotation clockout.dev/status. */
import type { Operation } from 'fast-json-patch';
import { statusAnnotation } from '../../pod/names.ts';
import type { PodMetadata } from '../../pod/schema.ts';
import type { Status, WrapStatus } from '../../pod/status.ts';
import type { WrapPlan } from '../plan.ts';
import { equal, pointer, set } from './operations.ts';

/** @param before the status that the pod has */
export function setStatus(
  metadata: PodMetadata | null | undefined,
  before: Status | undefined,
  plan: WrapPlan,
): Operation[] {
  const status = toStatus(plan);
  const annotations = metadata?.annotations;
  // The version that wrote it does not matter if the rest is right.
  if (before && equal({ ...before, version: '' }, { ...status, version: '' })) return [];
  const text = JSON.stringify(status);
  if (metadata == null) return set('/metadata', metadata, { annotations: { [statusAnnotation]: text } });
  if (annotations == null) return set('/metadata/annotations', annotations, { [statusAnnotation]: text });
  return set(pointer('metadata', 'annotations', statusAnnotation), annotations[statusAnnotation], text);
}

// --- internal ---

function toStatus({ version, sidecar, containers }: WrapPlan): WrapStatus {
  const entry = ({ name, entrypoint: { source, image } }: WrapPlan['containers'][number]) =>
    [name, { entrypoint: source, ...(image ? { image } : {}) }] as const;
  return { version, sidecar, containers: Object.fromEntries(containers.map(entry)) };
}
