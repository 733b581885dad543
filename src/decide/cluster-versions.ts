/** What a decision may depend on besides the pod: the cluster's versions, and what the operator has chosen. */
import type { Strategy } from '../pod/annotations/table.ts';
import { firstWithSafeNative } from '../pod/sidecars/native.ts';

/** Minor versions of Kubernetes, as in 35 of 1.35. Undefined: not known. */
export type ClusterVersions = {
  apiServer?: number | undefined;
  /** Of the oldest kubelet on a Linux node. */
  oldestNode?: number | undefined;
};

export type StrategySettings = {
  /** The installation's own. */
  strategy: Strategy;
  /** The minor version that all kubelets must have for `auto` to choose `native`. */
  nativeFrom: number;
  /** As they are known now. */
  clusterVersions: () => ClusterVersions;
};

export const alwaysWrap: StrategySettings = {
  strategy: 'wrap',
  nativeFrom: firstWithSafeNative,
  clusterVersions: () => ({}),
};
