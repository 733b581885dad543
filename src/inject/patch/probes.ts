/**
 * Probes that check that the proxy is started and ready, for people who want an app that counts as ready with its proxy.
 * They run our busybox in the app's container, so they work in any image, and need no rewriting under strict mTLS.
 */
import type { Options } from '../../pod/annotations/table.ts';
import { busyboxPath } from '../../pod/names.ts';
import type { Container, Probe } from '../../pod/schema.ts';

type Probes = Partial<Record<'readinessProbe' | 'livenessProbe' | 'startupProbe', Probe>>;

/** The probes to add to a container; those that it has are kept. */
export function missingProbes(container: Container, choice: Options['probes'], port: number): Probes {
  if (choice === 'none' || port === 0) return {};
  const probes: Probes = {};
  if (container.readinessProbe == null) probes.readinessProbe = { ...ready(port), ...often };
  if (choice === 'readiness' || container.livenessProbe != null) return probes;
  probes.livenessProbe = { ...ready(port), ...often };
  // As long as Istio gives its own proxy to start; until then the liveness probe does not count.
  if (container.startupProbe == null) {
    probes.startupProbe = { ...ready(port), periodSeconds: 1, failureThreshold: 600 };
  }
  return probes;
}

export const isOurProbe = (probe: Probe) => probe.exec?.command?.[0] === busyboxPath;

const often = { periodSeconds: 15, failureThreshold: 4 };

const ready = (port: number) => ({
  exec: {
    command: [busyboxPath, 'wget', '-Y', 'off', '-q', '-O', '/dev/null', `http://127.0.0.1:${port}/healthz/ready`],
  },
  timeoutSeconds: 3,
});
