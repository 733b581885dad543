/**
 * How Clockout reaches the API server. @kubernetes/client-node makes a new HTTP agent for each request, which opens a new
 * connection each time. Here the requests share one agent, and so its connections.
 */
import { KubeConfig } from '@kubernetes/client-node';

/** A new agent now and then reads the CA of an API server whose certificates were rotated. Old connections end by themselves. */
const agentMilliseconds = 10 * 60_000;

/** Reads the pod's service account, or outside of a cluster `KUBECONFIG` or the user's own file. */
export function loadKubeConfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  return shareConnections(config);
}

/** Changes the configuration so that its requests share one agent. @returns the same configuration */
export function shareConnections(config: KubeConfig): KubeConfig {
  const authenticate = config.applySecurityAuthentication.bind(config);
  let agent: ReturnType<Parameters<typeof authenticate>[0]['getDispatcher']>;
  let createdAt = 0;
  config.applySecurityAuthentication = async (context) => {
    await authenticate(context);
    const isStale = performance.now() - createdAt > agentMilliseconds;
    if (agent === undefined || isStale) {
      agent = context.getDispatcher();
      createdAt = performance.now();
    } else {
      context.setDispatcher(agent);
    }
  };
  return config;
}
