/**
 * Whether a pod is wrapped or its sidecars become native ones: a table of conditions, of which the first that holds decides. The
 * rows are the rows of the test. Whether there is something to end at all is decided in decide.ts.
 */
import type { Strategy } from '../pod/annotations/table.ts';
import type { Facts } from '../pod/facts.ts';
import { readIstioStatus } from '../pod/istio-status.ts';
import { readIstioMinor } from '../pod/istio-version.ts';
import { istioNative, istioStatus } from '../pod/names.ts';
import { firstWithNative } from '../pod/sidecars/native.ts';
import type { ClusterVersions, StrategySettings } from './cluster-versions.ts';
import { findUnnamed, findWrapperOptions, leavesSidecars } from './convertible.ts';

/** `unsupported`: the pod asks for native sidecars, and something cannot have them. */
type Way = 'wrap' | 'native' | 'unsupported';

type Row = {
  holds: (facts: Facts, versions: ClusterVersions, settings: StrategySettings) => boolean;
  native: Way;
  auto: Exclude<Way, 'unsupported'>;
  /** Whether `auto` makes sidecars native anyway, rather than let a pod hang that cannot be wrapped. */
  orHang: boolean;
};

/** With the strategy `wrap`, every row wraps. */
export const strategyTable = {
  /** By `clockout inject`: its wrapper would ask a native sidecar to exit, and Kubernetes would restart it. */
  'wrapped-before': {
    holds: ({ own }) => own.initContainer !== undefined,
    native: 'wrap',
    auto: 'wrap',
    orHang: false,
  },
  'api-server-too-old': {
    holds: (_, { apiServer = 0 }) => apiServer < firstWithNative,
    native: 'unsupported',
    auto: 'wrap',
    orHang: false,
  },
  'istio-cni-too-old': { holds: hasOldCni, native: 'unsupported', auto: 'wrap', orHang: false },
  'status-unreadable': {
    holds: ({ proxy, annotations }) =>
      proxy.state === 'injected' && readIstioStatus(annotations[istioStatus]) === undefined,
    native: 'unsupported',
    auto: 'wrap',
    orHang: false,
  },
  /** A kubelet of 1.27 or older does not know native sidecars, and one of 1.28 refuses them. */
  'node-too-old': {
    holds: (_, { oldestNode = 0 }) => oldestNode < firstWithNative,
    native: 'native',
    auto: 'wrap',
    orHang: false,
  },
  'node-not-new-enough': {
    holds: (_, { oldestNode = 0 }, { nativeFrom }) => oldestNode < nativeFrom,
    native: 'native',
    auto: 'wrap',
    orHang: true,
  },
  'pod-declines': {
    holds: ({ annotations }) => annotations[istioNative] === 'false',
    native: 'native',
    auto: 'wrap',
    orHang: true,
  },
  'needs-wrapper': {
    holds: (facts) => findWrapperOptions(facts).length > 0 || findUnnamed(facts).length > 0,
    native: 'native',
    auto: 'wrap',
    orHang: true,
  },
  'leaves-sidecars': { holds: leavesSidecars, native: 'native', auto: 'wrap', orHang: true },
  otherwise: { holds: () => true, native: 'native', auto: 'native', orHang: true },
} as const satisfies Record<string, Row>;

export type StrategyRow = keyof typeof strategyTable;

export type Choice = { asked: Strategy; way: Way; row: StrategyRow; orHang: boolean };

/** @param asked the pod's strategy, or else its namespace's, or else the installation's */
export function chooseWay(asked: Strategy, facts: Facts, settings: StrategySettings): Choice {
  if (asked === 'wrap') return { asked, way: 'wrap', row: 'otherwise', orHang: false };
  const versions = settings.clusterVersions();
  const row = rows.find((each) => strategyTable[each].holds(facts, versions, settings)) ?? 'otherwise';
  return { asked, way: strategyTable[row][asked], row, orHang: asked === 'auto' && strategyTable[row].orHang };
}

// --- internal ---

const rows = Object.keys(strategyTable) as StrategyRow[];

/**
 * Istio's CNI plugin before 1.19 leaves a pod with one main container out of the mesh. It has the version of the proxy's image.
 * @see https://github.com/istio/istio/blob/1.18.0/cni/pkg/plugin/plugin.go
 */
function hasOldCni({ proxy, initContainers }: Facts): boolean {
  if (proxy.state !== 'injected' || !initContainers.some(({ name }) => name === 'istio-validation')) return false;
  return (readIstioMinor(proxy.classic?.container.image) ?? 0) < 19;
}
