/** How each sidecar of a pod is ended: by a guard in its own container, if one can run there. */

import type { WrapDecision } from '../decide/wrap-rules.ts';
import type { Options } from '../pod/annotations/table.ts';
import type { Facts } from '../pod/facts.ts';
import { proxyContainerName } from '../pod/names.ts';
import { isGuardHook } from '../pod/own-parts.ts';
import type { Container, ContainerAt } from '../pod/schema.ts';
import type { SidecarEnd } from '../pod/sidecars/end.ts';

export type PlannedSidecar = {
  name: string;
  /** Position in spec.containers. */
  index: number;
  /** A POST there asks it to exit. */
  quitUrl?: string;
  /** Seconds after which the guard sends SIGTERM, if no quit request succeeded; 0 = at once; absent = never. */
  termAfter?: number;
  /**
   * `hook` is the postStart command that was there before; it runs after the guard has started. `not-called`: the pod exists, and
   * Clockout was not called for it.
   */
  guard:
    | { runs: true; hook: string[] }
    | { runs: false; reason: 'annotation' | 'foreign-hook' | 'quit-never' | 'not-called' };
};

type Ending = Pick<PlannedSidecar, 'quitUrl' | 'termAfter'>;

/** Why a sidecar keeps running if no wrapper sees the end of an app. */
export type GuardGap =
  | Extract<PlannedSidecar['guard'], { runs: false }>['reason']
  | 'proxy-not-in-view'
  | 'unknown-sidecar';

/** @returns Istio's sidecar first; sidecars that nothing can end are left out */
export function planSidecars(facts: Facts, { sidecar }: WrapDecision): PlannedSidecar[] {
  const { options, proxy, statusPort, sidecars, apps, spec } = facts;
  const plan = ({ index, container }: ContainerAt, ending: Ending): PlannedSidecar => ({
    name: container.name,
    index,
    ...ending,
    guard: planGuard(container, options),
  });
  // Without Istio's status, the container istio-proxy is an override that can still become a native sidecar.
  const classic = sidecar === 'injected' ? proxy.classic : undefined;
  const known = [
    ...(classic ? [plan(classic, endProxy(statusPort))] : []),
    ...sidecars.flatMap((each) => {
      const ending = endSidecar(each.end);
      return ending ? [plan(each, ending)] : [];
    }),
  ];
  if (options['quit-urls'].length === 0 || known.some(({ guard }) => guard.runs)) return known;
  // A guard has to see a killed app and ask what the URLs name: it runs in the first container that is not waited for.
  const wrapped = new Set(apps.map(({ index }) => index));
  const others = spec.containers.flatMap((container, index) =>
    wrapped.has(index) || container.name === proxyContainerName ? [] : [plan({ index, container }, {})],
  );
  return [...known, ...others.filter(({ guard }) => guard.runs).slice(0, 1)];
}

/** @returns the first reason why a sidecar has no guard; undefined if a guard sees everything */
export function findGuardGap({ sidecar, sidecars }: Sidecars): GuardGap | undefined {
  if (sidecar === 'expected') return 'proxy-not-in-view';
  const [reason] = sidecars.flatMap(({ guard }) => (guard.runs ? [] : [guard.reason]));
  return reason ?? (sidecars.length === 0 ? 'unknown-sidecar' : undefined);
}

type Sidecars = { sidecar: string; sidecars: readonly PlannedSidecar[] };

/** Whether a wrapper has other sidecars to end if Istio's turns out to be native. */
export const endsOthersThanProxy = ({ sidecars, quitUrls }: Pick<Sidecars, 'sidecars'> & { quitUrls: string[] }) =>
  sidecars.length > 0 || quitUrls.length > 0;

// --- internal ---

/** Seconds. A sidecar that takes long to drain has accepted its quit request: SIGTERM is for one that has not. */
const patience = 10;

/** Pilot-agent exits with code 0 on SIGTERM, too. */
const endProxy = (port: number): Ending =>
  port === 0 ? { termAfter: 0 } : { quitUrl: `http://127.0.0.1:${port}/quitquitquit`, termAfter: patience };

function endSidecar(end: SidecarEnd): Ending | undefined {
  if (end.by === 'term') return { termAfter: 0 };
  return end.by === 'url' ? { quitUrl: end.url, ...(end.term ? { termAfter: patience } : {}) } : undefined;
}

function planGuard({ lifecycle }: Container, { quit, guard }: Options): PlannedSidecar['guard'] {
  if (quit === 'never') return { runs: false, reason: 'quit-never' };
  if (!guard) return { runs: false, reason: 'annotation' };
  const postStart = lifecycle?.postStart;
  const command = postStart?.exec?.command ?? [];
  if (postStart && command.length === 0) return { runs: false, reason: 'foreign-hook' };
  return { runs: true, hook: isGuardHook(command) ? command.slice(command.indexOf('--') + 1) : command };
}
