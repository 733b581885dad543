/** Writes the annotation clockout.dev/status. */
import type { Operation } from 'fast-json-patch';
import { statusAnnotation } from '../../pod/names.ts';
import type { PodMetadata } from '../../pod/schema.ts';
import type { Status, WrapStatus } from '../../pod/status.ts';
import type { WrapPlan } from '../plan.ts';
import { setAnnotations } from './annotations.ts';
import { equal } from './operations.ts';

/** @param before the status that the pod has */
export function setStatus(
  metadata: PodMetadata | null | undefined,
  before: Status | undefined,
  plan: WrapPlan,
): Operation[] {
  const status = toStatus(plan);
  return isSameStatus(before, status) ? [] : setAnnotations(metadata, { [statusAnnotation]: JSON.stringify(status) });
}

/** The version that wrote it does not matter if the rest is right. */
export const isSameStatus = (before: Status | undefined, status: Status): boolean =>
  before !== undefined && equal({ ...before, version: '' }, { ...status, version: '' });

// --- internal ---

function toStatus({ version, sidecar, containers }: WrapPlan): WrapStatus {
  const entry = ({ name, entrypoint: { source, words, image } }: WrapPlan['containers'][number]) =>
    [name, { entrypoint: source, ...(words !== undefined && { words }), ...(image ? { image } : {}) }] as const;
  return { version, sidecar, containers: Object.fromEntries(containers.map(entry)) };
}
