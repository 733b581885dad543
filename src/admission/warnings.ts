/** What the owner of a wrapped pod should know: each a sentence, for kubectl, the log and the CLI's report. */
import { isSidecar } from '../decide/sidecars.ts';
import type { Plan } from '../inject/plan.ts';
import { proxyContainerName } from '../ours.ts';
import type { Pod } from '../types.ts';

export function planWarnings(pod: Pod, plan: Plan): string[] {
  const { guard, port, quitUrls } = plan;
  const handled = [proxyContainerName, ...plan.containers.map(({ name }) => name)];
  const others = pod.spec.containers
    .map(({ name }) => name)
    .filter((name) => isSidecar(name) && !handled.includes(name));
  const warnings = [];
  if (!guard.runs && guard.because === 'foreign-hook') {
    warnings.push(
      'istio-proxy has a postStart hook that is no command, so the guard cannot run: a killed app leaves the proxy running',
    );
  }
  if (!guard.runs && port === 0) {
    warnings.push("the proxy's status port is 0, and without the guard nothing can tell it to quit");
  }
  if (others.length > 0 && quitUrls.length === 0) {
    warnings.push(
      `${others.join(', ')} runs on when the app has ended, unless clockout.dev/quit-urls or its own settings end it`,
    );
  }
  return warnings;
}
