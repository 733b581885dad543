/** What admitting a pod came to: a value for every case that is expected. Bugs are thrown. */
import type { Operation } from 'fast-json-patch';
import type { SkipReason } from '../decide/reasons.ts';
import type { Plan } from '../inject/plan.ts';

export type Outcome =
  | { kind: 'patched'; patch: Operation[]; plan: Plan; warnings: string[] }
  /** Ours already, and complete: the second call of a reinvocation. */
  | { kind: 'complete'; plan: Plan; warnings: string[] }
  | { kind: 'skipped'; reason: SkipReason; warnings: string[] };
