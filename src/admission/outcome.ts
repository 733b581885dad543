/** What admitting a pod came to: a value for every case that is expected. Bugs are thrown. Warnings are fit to be shown. */
import type { Operation } from 'fast-json-patch';
import type { SkipReason } from '../decide/reasons.ts';
import type { Plan } from '../inject/plan.ts';
import type { Pod } from '../pod/schema.ts';

export type Outcome =
  /** `base64` is the patch as it is sent; `patched` the pod with the patch applied. */
  | { kind: 'patched'; patch: Operation[]; base64: string; patched: Pod; plan: Plan; warnings: string[] }
  /** Ours already, and as it should be: the second call of a reinvocation. */
  | { kind: 'complete'; plan: Plan; warnings: string[] }
  | { kind: 'skipped'; reason: SkipReason; warnings: string[] };
