/** The annotation clockout.dev/status, in which Clockout records what it did to a pod. */
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { parseObject } from '../util/json-object.ts';
import { statusAnnotation } from './names.ts';

const WrapStatus = Type.Object({
  version: Type.String(),
  sidecar: Type.Enum(['injected', 'expected', 'other']),
  // A pattern of our own: typebox's does not match keys with a newline.
  containers: Type.Record(
    Type.String({ pattern: '^' }),
    Type.Object({
      entrypoint: Type.Enum(['pod', 'annotation', 'image']),
      // Statuses of version 0.1.0 do not have it.
      words: Type.Optional(Type.Integer({ minimum: 0 })),
      image: Type.Optional(Type.String()),
    }),
  ),
});
export type WrapStatus = Static<typeof WrapStatus>;

/** The annotation clockout.dev/native names the sidecars. */
const NativeStatus = Type.Object({ version: Type.String(), strategy: Type.Literal('native') });

const Status = Type.Union([WrapStatus, NativeStatus]);
export type Status = Static<typeof Status>;

const schema = Compile(Status);

/** @returns undefined for anything but a status: a pod's author can write this annotation, too */
export function readStatus(annotations: Readonly<Record<string, string | null>>): Status | undefined {
  const text = annotations[statusAnnotation];
  if (text == null) return undefined;
  const value = parseObject(text);
  return schema.Check(value) ? value : undefined;
}
