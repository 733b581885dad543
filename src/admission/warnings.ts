/** What the owner of a wrapped pod should know: each a sentence, for kubectl, the log and the CLI's report. */
import type { Decision, Origin } from '../decide/decide.ts';
import type { Plan } from '../inject/plan.ts';
import { prefix, proxyContainerName } from '../pod/names.ts';
import type { Pod } from '../pod/schema.ts';
import { twoPrograms } from '../pod/sidecars/find-known.ts';
import { adviceOn, type Sidecar } from '../pod/sidecars/read.ts';
import { trapFor } from '../pod/stop-signal.ts';
import { listed, shortened } from '../util/text.ts';

/** Starts each warning that the API server is given. */
export const signature = 'clockout: ';

/** `characters` of one, the signature included; docs/limits.md has both. */
export const warningBounds = { count: 10, characters: 800 } as const;

/**
 * Fit for the answer, the log and a terminal. The API server drops a warning with control characters, and cuts all after
 * 256 once they are more than 4096 together.
 * @see https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/filters/warning.go
 */
export const boundedWarnings = (warnings: readonly string[]): string[] =>
  listed(warnings, warningBounds.count).map((warning) =>
    shortened(warning, warningBounds.characters - signature.length),
  );

export function planWarnings(
  pod: Pod,
  origin: Origin,
  { sidecars }: Extract<Decision, { wrap: true }>,
  plan: Plan,
): string[] {
  return [
    ...adviceOn(sidecars).map((advice) => `nothing ends it, and the pod does not end before it: ${advice}`),
    ...proxyWarnings(origin, plan),
    ...plan.sidecars.flatMap(guardWarnings),
    ...plan.containers.flatMap((container) => signalWarnings(pod, container)),
    ...sidecars.flatMap(({ container }) => twoPrograms(container) ?? []),
    ...leftOutWarnings(pod, sidecars, plan),
  ];
}

/**
 * What is no fault, but makes a pod hang if it is not meant: containers that nobody knows are apps, and so each is waited for.
 * @returns a sentence; undefined for a pod with one app, or whose owner has named its apps
 */
export function planNote(pod: Pod, { containers }: Plan): string | undefined {
  if (containers.length < 2 || pod.metadata?.annotations?.[`${prefix}containers`] != null) return undefined;
  const names = listed(
    containers.map(({ name }) => name),
    10,
  ).join(', ');
  return shortened(
    `${names}: each is waited for; if one of them is a sidecar, name it in ${prefix}exclude-containers`,
    warningBounds.characters,
  );
}

// --- internal ---

function proxyWarnings(origin: Origin, { sidecar, port, containers }: Plan): string[] {
  const isMissing = sidecar === 'expected' && origin.from === 'server';
  const isAskedInVain = sidecar !== 'other' && port === 0 && containers.some(({ probes }) => probes !== 'none');
  return [
    ...(isMissing
      ? [
          'the pod asks Istio for a sidecar and has none yet; if none comes, its containers wait for one before they start and before they end',
        ]
      : []),
    ...(isAskedInVain ? [`the proxy's status port is 0, so ${prefix}probes has nothing to ask`] : []),
  ];
}

function guardWarnings({ name, guard, quitUrl }: Plan['sidecars'][number]): string[] {
  if (guard.runs) return [];
  const isForeign = guard.because === 'foreign-hook';
  return [
    ...(isForeign
      ? [`${name} has a postStart hook that is no command, so the guard cannot run: a killed app leaves it running`]
      : []),
    ...(quitUrl === undefined ? [`${name} has no port for it, and without the guard nothing can tell it to quit`] : []),
  ];
}

function signalWarnings(pod: Pod, { name, index, entrypoint }: Plan['containers'][number]): string[] {
  const own = pod.spec.containers[index]?.lifecycle?.stopSignal;
  const signal = own ?? entrypoint.stopSignal;
  if (signal === undefined || trapFor(signal)) return [];
  const where = own == null ? 'the STOPSIGNAL of its image' : 'its lifecycle.stopSignal';
  return [
    `container ${name}: ${where} is ${signal}, which the wrapper cannot pass on, so the app runs on to the end of its grace period; set lifecycle.stopSignal to SIGTERM or another one`,
  ];
}

function leftOutWarnings(pod: Pod, sidecars: readonly Sidecar[], plan: Plan): string[] {
  const handled = [...plan.containers, ...plan.sidecars, ...sidecars.map(({ container }) => container)];
  const known = new Set([proxyContainerName, ...handled.map(({ name }) => name)]);
  const others = pod.spec.containers.map(({ name }) => name).filter((name) => !known.has(name));
  if (others.length === 0 || plan.quitUrls.length > 0) return [];
  return [
    `${listed(others, 10).join(', ')}: not waited for, and not ended; the pod ends only when it does (see ${prefix}quit-urls)`,
  ];
}
