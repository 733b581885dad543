/** Jobs with other sidecars than Istio's. */
import type { KubeObject } from '../../../cluster/api.ts';
import type { JobOptions } from '../../../cluster/suite/kube.ts';

/** Something that people run beside a Job's app, and that keeps its pod from ending. */
export type Sidecar = {
  /** For the docs. */
  title: string;
  container: KubeObject;
  annotations?: Record<string, string>;
  volumes?: KubeObject[];
  /** Some are put before the app. */
  first?: boolean;
  /** Seconds that it may take to end, if that is more than 5. */
  bound?: number;
};

/** Clockout, but no Istio: only the pod itself can ask for that. */
export const clockoutAlone = { 'sidecar.istio.io/inject': 'false', 'clockout.dev/inject': 'true' };

/** A Job with sidecars, as their injectors would have put them there. */
export function withSidecar(job: JobOptions, ...sidecars: Sidecar[]): JobOptions {
  const containersOf = (those: Sidecar[]) => those.map(({ container }) => container);
  const { spec = {}, annotations, ...rest } = job;
  return {
    ...rest,
    annotations: Object.assign({}, annotations, ...sidecars.map((each) => each.annotations)),
    spec: {
      ...spec,
      containers: [
        ...containersOf(sidecars.filter(({ first }) => first)),
        ...spec.containers,
        ...containersOf(sidecars.filter(({ first }) => !first)),
      ],
      volumes: [...(spec.volumes ?? []), ...sidecars.flatMap(({ volumes = [] }) => volumes)],
    },
  };
}
