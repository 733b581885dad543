/** The annotation in which a wrapped pod says what was done to it. */
import type { Operation } from 'fast-json-patch';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { statusAnnotation } from '../../pod/names.ts';
import type { Pod } from '../../pod/schema.ts';
import type { Plan } from '../plan.ts';
import { equal, pointer, set } from './operations.ts';

const Status = Type.Object({
  version: Type.String(),
  sidecar: Type.Enum(['injected', 'expected', 'other']),
  // Under every key: typebox's own pattern leaves out those with a newline.
  containers: Type.Record(
    Type.String({ pattern: '^' }),
    Type.Object({ entrypoint: Type.Enum(['pod', 'annotation', 'image']), image: Type.Optional(Type.String()) }),
  ),
});
export type Status = Static<typeof Status>;

const schema = Compile(Status);

export function status({ metadata }: Pod, plan: Plan, before: Status | undefined): Operation[] {
  const wanted = statusOf(plan);
  const annotations = metadata?.annotations;
  // Who wrote it does not matter, as long as what it says is so.
  if (before && equal({ ...before, version: '' }, { ...wanted, version: '' })) return [];
  const text = JSON.stringify(wanted);
  if (metadata == null) return set('/metadata', metadata, { annotations: { [statusAnnotation]: text } });
  if (annotations == null) return set('/metadata/annotations', annotations, { [statusAnnotation]: text });
  return set(pointer('metadata', 'annotations', statusAnnotation), annotations[statusAnnotation], text);
}

function statusOf({ version, sidecar, containers }: Plan): Status {
  const entry = ({ name, entrypoint: { source, image } }: Plan['containers'][number]) =>
    [name, { entrypoint: source, ...(image ? { image } : {}) }] as const;
  return { version, sidecar, containers: Object.fromEntries(containers.map(entry)) };
}

/** What an earlier call wrote; undefined for anything else, since whoever makes a pod can write there, too. */
export function readStatus({ metadata }: Pod): Status | undefined {
  try {
    const value: unknown = JSON.parse(metadata?.annotations?.[statusAnnotation] ?? 'null');
    return schema.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
