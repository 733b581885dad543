/** Where pilot-agent listens, which tells whether the proxy is ready and takes the request to exit. */
import { asPort, statusPortIn } from './proxy-config/read.ts';
import type { Container } from './schema.ts';

/**
 * The port of pilot-agent's status server, by the agent's own precedence; 0 = it has none.
 * @see https://github.com/istio/istio/blob/master/pkg/istio-agent/config.go and pilot/cmd/pilot-agent/app
 */
export function readStatusPort(
  annotations: Readonly<Record<string, string | null>>,
  proxy: Container | undefined,
): number {
  const environment = proxy?.env?.find(({ name }) => name === 'PROXY_CONFIG')?.value;
  return (
    asPort(annotations['status.sidecar.istio.io/port']) ??
    // In a mesh config, 0 is protobuf's "not set": only the annotation above can turn the status server off.
    (statusPortIn(annotations['proxy.istio.io/config']) || statusPortIn(environment) || defaultStatusPort)
  );
}

// --- internal ---

const defaultStatusPort = 15020;
