/** How each sidecar that is in view will be ended: by a guard of its own, if one can run beside it. */

import type { Decision } from '../decide/decide.ts';
import type { Options } from '../pod/annotations/table.ts';
import { findProxy } from '../pod/istio.ts';
import { isGuardHook, proxyContainerName } from '../pod/names.ts';
import type { Container, Pod } from '../pod/schema.ts';
import type { SidecarEnd } from '../pod/sidecars/end.ts';

export type PlannedSidecar = {
  name: string;
  /** Position in spec.containers. */
  index: number;
  /** A POST there ends it. */
  quitUrl?: string;
  /** Seconds after which the guard sends TERM, for want of a quit that was taken; 0 = at once; absent = never. */
  termAfter?: number;
  /** `hook` is the postStart command that stood there before, to be run after the guard has started. */
  guard: { runs: true; hook: string[] } | { runs: false; because: 'annotation' | 'foreign-hook' | 'quit-never' };
};

type Means = Pick<PlannedSidecar, 'quitUrl' | 'termAfter'>;

/** Why an end that no wrapper can see leaves a sidecar running. */
export type NoGuard =
  | Extract<PlannedSidecar['guard'], { runs: false }>['because']
  | 'proxy-not-in-view'
  | 'unknown-sidecar';

/** Istio's sidecar first; what nobody can end is left out. */
export function planSidecars(pod: Pod, decision: Extract<Decision, { wrap: true }>): PlannedSidecar[] {
  const { options, sidecar, port, sidecars } = decision;
  // Without Istio's status, an istio-proxy in view is an override that may yet become a native sidecar.
  const proxy = sidecar === 'injected' ? findProxy(pod) : undefined;
  const planned = (container: Container, index: number, means: Means): PlannedSidecar => ({
    name: container.name,
    index,
    ...means,
    guard: guardFor(container, options),
  });
  const known = [
    ...(proxy ? [planned(proxy.container, proxy.index, endOfProxy(port))] : []),
    ...sidecars.flatMap(({ container, index, end }) => {
      const means = meansOf(end);
      return means ? [planned(container, index, means)] : [];
    }),
  ];
  if (options['quit-urls'].length === 0 || known.some(({ guard }) => guard.runs)) return known;
  // Somebody has to see a killed app, and tell what the URLs name: beside one of those that no app waits for.
  const wrapped = new Set(decision.containers.map(({ index }) => index));
  const others = pod.spec.containers.flatMap((container, index) =>
    wrapped.has(index) || container.name === proxyContainerName ? [] : [planned(container, index, {})],
  );
  return [...known, ...others.filter(({ guard }) => guard.runs).slice(0, 1)];
}

/** Beside which of the sidecars there is no guard, and why; undefined where nothing is left unguarded. */
export function noGuard({ sidecar, sidecars }: { sidecar: string; sidecars: PlannedSidecar[] }): NoGuard | undefined {
  if (sidecar === 'expected') return 'proxy-not-in-view';
  const reasons = sidecars.flatMap(({ guard }) => (guard.runs ? [] : [guard.because]));
  return reasons[0] ?? (sidecars.length === 0 ? 'unknown-sidecar' : undefined);
}

/** Whether a wrapper has others to end when Istio's sidecar, expected, turns out native. */
export const staysBesideNative = ({ sidecars, quitUrls }: { sidecars: PlannedSidecar[]; quitUrls: string[] }) =>
  sidecars.length > 0 || quitUrls.length > 0;

// An agent that drains for long has taken its quit: TERM is for one that has not.
const patience = 10;

/** Pilot-agent exits with 0 on TERM, too. */
const endOfProxy = (port: number): Means =>
  port === 0 ? { termAfter: 0 } : { quitUrl: `http://127.0.0.1:${port}/quitquitquit`, termAfter: patience };

function meansOf(end: SidecarEnd): Means | undefined {
  if (end.by === 'term') return { termAfter: 0 };
  return end.by === 'url' ? { quitUrl: end.url, ...(end.term ? { termAfter: patience } : {}) } : undefined;
}

function guardFor({ lifecycle }: Container, { quit, guard }: Options): PlannedSidecar['guard'] {
  if (quit === 'never') return { runs: false, because: 'quit-never' };
  if (!guard) return { runs: false, because: 'annotation' };
  const postStart = lifecycle?.postStart;
  const command = postStart?.exec?.command ?? [];
  if (postStart && command.length === 0) return { runs: false, because: 'foreign-hook' };
  return { runs: true, hook: isGuardHook(command) ? command.slice(command.indexOf('--') + 1) : command };
}
