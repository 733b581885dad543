/** What can go wrong around Clockout in a cluster. */
import type { KubeObject } from '../cluster/api.ts';
import type { Values } from '../cluster/install.ts';

export type Fault = {
  /** As in `npm run chaos -- NAME`. */
  name: string;
  /** For the table of results. */
  title: string;
  /** Of the chart, while the fault lasts. */
  values?: Values;
  /** Makes the fault. @returns what ends it; it is over when that has returned */
  make: () => Promise<() => Promise<void>>;
  /** How long it lasts, in seconds. */
  seconds: number;
  /** How long pods are made after it, in seconds; 15 if left out. */
  after?: number;
  /**
   * How long its effects may last after it began, in seconds: with the time that the probes need to notice it. Left out: as long as
   * the fault itself.
   */
  window?: number;
  /** Changes the pods that are made. */
  pod?: (pod: KubeObject, number: number) => KubeObject;
  /** The API server itself is away, so no pod is made, and its errors are not Clockout's. */
  hitsApiServer?: true;
};
