/** What `explain` says of a pod whose sidecars become native. Pure. */
import type { Admitted } from '../admission/outcome.ts';
import type { NativePlan } from '../inject/native/plan.ts';
import { type NativeEnding, nativeEndings } from './native-endings.ts';
import type { Verdict } from './verdict.ts';

export type NativeExplanation = Pick<NativePlan, 'asksIstio'> & {
  wrapped: false;
  strategy: 'native';
  /** Whether the input has native sidecars already. */
  complete: boolean;
  /** The names of the sidecars that are native then. */
  sidecars: readonly string[];
  /** The names of the containers that Kubernetes waits for. */
  containers: readonly string[];
  endings: NativeEnding[];
  /** See `Outcome`. */
  note?: string;
};

export function explainNative(kind: Admitted['kind'], plan: NativePlan): NativeExplanation & { verdict: Verdict } {
  const { strategy, names: sidecars, apps: containers, asksIstio } = plan;
  const settled = { wrapped: false, strategy, complete: kind === 'complete', verdict: 'ends' } as const;
  return { ...settled, sidecars, asksIstio, containers, endings: nativeEndings };
}
