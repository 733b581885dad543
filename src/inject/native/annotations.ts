/** Sets annotations of a pod, which may have none yet. */
import type { Operation } from 'fast-json-patch';
import type { PodMetadata } from '../../pod/schema.ts';
import { pointer, set } from '../patch/operations.ts';

export function setAnnotations(
  metadata: PodMetadata | null | undefined,
  values: Readonly<Record<string, string>>,
): Operation[] {
  const annotations = metadata?.annotations;
  if (Object.keys(values).length === 0) return [];
  if (metadata == null) return set('/metadata', metadata, { annotations: values });
  if (annotations == null) return set('/metadata/annotations', annotations, values);
  return Object.entries(values).flatMap(([key, value]) =>
    set(pointer('metadata', 'annotations', key), annotations[key], value),
  );
}
