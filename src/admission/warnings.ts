/** What the owner of a wrapped pod should know: each a sentence, for kubectl, the log and the CLI's report. */
import type { Origin } from '../decide/decide.ts';
import type { Plan } from '../inject/plan.ts';
import { proxyContainerName } from '../ours.ts';
import type { Pod } from '../types.ts';

export function planWarnings(pod: Pod, origin: Origin, plan: Plan): string[] {
  const { guard, port, quitUrls, sidecar, containers } = plan;
  const handled = [proxyContainerName, ...containers.map(({ name }) => name)];
  const others = pod.spec.containers.map(({ name }) => name).filter((name) => !handled.includes(name));
  const warnings = [];
  if (sidecar === 'expected' && origin.from === 'server') {
    warnings.push(
      'the pod asks Istio for a sidecar and has none yet; if none comes, its containers wait for one before they start and before they end',
    );
  }
  if (!guard.runs && guard.because === 'foreign-hook') {
    warnings.push(
      'istio-proxy has a postStart hook that is no command, so the guard cannot run: a killed app leaves the proxy running',
    );
  }
  if (!guard.runs && port === 0) {
    warnings.push("the proxy's status port is 0, and without the guard nothing can tell it to quit");
  }
  if (port === 0 && containers.some(({ probes }) => probes !== 'none')) {
    warnings.push("the proxy's status port is 0, so clockout.dev/probes has nothing to ask");
  }
  if (others.length > 0 && quitUrls.length === 0) {
    warnings.push(
      `${others.join(', ')}: not waited for, and not ended; the pod ends only when it does (see clockout.dev/quit-urls)`,
    );
  }
  return warnings;
}
