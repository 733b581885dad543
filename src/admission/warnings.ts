/** What the owner of a wrapped pod should know: each a sentence, for kubectl, the log and the CLI's report. */
import type { Decision, Origin } from '../decide/decide.ts';
import { adviceOn } from '../decide/sidecars.ts';
import type { Plan } from '../inject/plan.ts';
import { prefix, proxyContainerName } from '../ours.ts';
import type { Pod } from '../types.ts';
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
  const { port, quitUrls, sidecar, containers } = plan;
  const warnings = adviceOn(sidecars).map((advice) => `nothing ends it, and the pod does not end before it: ${advice}`);
  if (sidecar === 'expected' && origin.from === 'server') {
    warnings.push(
      'the pod asks Istio for a sidecar and has none yet; if none comes, its containers wait for one before they start and before they end',
    );
  }
  for (const { name, guard, quitUrl } of plan.sidecars) {
    if (guard.runs) continue;
    if (guard.because === 'foreign-hook') {
      warnings.push(
        `${name} has a postStart hook that is no command, so the guard cannot run: a killed app leaves it running`,
      );
    }
    if (quitUrl === undefined) {
      warnings.push(`${name} has no port for it, and without the guard nothing can tell it to quit`);
    }
  }
  if (sidecar !== 'other' && port === 0 && containers.some(({ probes }) => probes !== 'none')) {
    warnings.push(`the proxy's status port is 0, so ${prefix}probes has nothing to ask`);
  }
  const handled = [...containers, ...plan.sidecars, ...sidecars.map(({ container }) => container)];
  const known = new Set([proxyContainerName, ...handled.map(({ name }) => name)]);
  const others = pod.spec.containers.map(({ name }) => name).filter((name) => !known.has(name));
  if (others.length > 0 && quitUrls.length === 0) {
    warnings.push(
      `${listed(others, 10).join(', ')}: not waited for, and not ended; the pod ends only when it does (see ${prefix}quit-urls)`,
    );
  }
  return warnings;
}
