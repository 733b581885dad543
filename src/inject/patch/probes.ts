/**
 * Probes that check that the proxy has started and is ready, for an app that is to count as ready only with its proxy. They run
 * busybox in the app's container, so they work with any image, and Istio need not rewrite them under strict mTLS.
 */
import type { Operation } from 'fast-json-patch';
import type { Options } from '../../pod/annotations/table.ts';
import { busyboxPath } from '../../pod/names.ts';
import type { Container, Probe } from '../../pod/schema.ts';
import { set } from './operations.ts';

/** Adds probes to the container at that path. Probes that it has are kept. */
export function addProbes(path: string, container: Container, choice: Options['probes'], port: number): Operation[] {
  if (choice === 'none' || port === 0) return [];
  const { readinessProbe, livenessProbe, startupProbe } = container;
  const add = (field: string, present: Probe | null | undefined, timing: Probe) =>
    present == null ? set(`${path}/${field}`, present, { ...askProxy(port), ...timing }) : [];
  const readiness = add('readinessProbe', readinessProbe, often);
  if (choice === 'readiness' || livenessProbe != null) return readiness;
  const liveness = add('livenessProbe', livenessProbe, often);
  return [...readiness, ...liveness, ...add('startupProbe', startupProbe, asLongAsIstio)];
}

// --- internal ---

const often = { periodSeconds: 15, failureThreshold: 4 };
/** As long as Istio gives its own proxy to start. Until then the liveness probe does not run. */
const asLongAsIstio = { periodSeconds: 1, failureThreshold: 600 };

const askProxy = (port: number) => ({
  exec: {
    command: [busyboxPath, 'wget', '-Y', 'off', '-q', '-O', '/dev/null', `http://127.0.0.1:${port}/healthz/ready`],
  },
  timeoutSeconds: 3,
});
