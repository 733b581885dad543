/** What can go wrong around Clockout. */
import type { KubeObject } from '../cluster/api.ts';
import type { Values } from '../cluster/install.ts';

/** What the judge has to know. */
export type Expected = {
  /** As in `npm run chaos -- NAME`. */
  name: string;
  /** For the table of results. */
  title: string;
  /** How long it lasts, in seconds. */
  seconds: number;
  /** How long pods are made after it, in seconds; 15 if left out. */
  after?: number;
  /**
   * How long its effects may last after it began, in seconds: with the time that the probes need to notice it. Left out: as long as
   * the fault itself.
   */
  window?: number;
  /** The API server itself is away, so no pod is made, and its errors are not Clockout's. */
  hitsApiServer?: true;
  /** Pods that need what is away are admitted unchanged, with a warning, whatever the policy says. */
  mayLeaveUnwrapped?: true;
};

/** Makes a fault. @returns what ends it; it is over when that has returned */
type Make = () => Promise<() => Promise<void>>;

export type Fault = Expected & {
  /** Before Clockout is installed. @returns values of the chart, and what is called at the end */
  prepare?: () => Promise<{ values: Values; end: () => Promise<void> }>;
  /** Of the chart, while the fault lasts. */
  values?: Values;
  make: Make;
  /** Changes the pods that are made. */
  pod?: (pod: KubeObject, number: number) => KubeObject;
  /** Further work in the namespace of the pods. */
  inNamespace?: (namespace: string) => Promise<void>;
};

/** A fault around a server on loopback, without a cluster. */
export type LoopbackFault = Expected & { open: () => Promise<Opened> };

export type Opened = {
  url: URL;
  make: Make;
  /** Sentences: what the answers do not show. */
  findWrong: () => Promise<string[]>;
  close: () => Promise<void>;
};
