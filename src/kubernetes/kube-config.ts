/**
 * How the API server is reached. @kubernetes/client-node makes a new HTTP agent for each request, which opens a connection
 * each; here one is kept, so that connections are used again.
 */
import { KubeConfig } from '@kubernetes/client-node';

/** Renewed now and then, for the certificates of a rotated API server; old connections end by themselves. */
const agentMilliseconds = 10 * 60_000;

/** From the pod's service account, or outside of a cluster from `KUBECONFIG` or the user's own file. */
export function loadKubeConfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  return pooled(config);
}

/** The same configuration, whose requests share one agent. */
export function pooled(config: KubeConfig): KubeConfig {
  const authenticate = config.applySecurityAuthentication.bind(config);
  let agent: ReturnType<Parameters<typeof authenticate>[0]['getDispatcher']>;
  let madeAt = 0;
  config.applySecurityAuthentication = async (context) => {
    await authenticate(context);
    const isStale = performance.now() - madeAt > agentMilliseconds;
    if (agent === undefined || isStale) {
      agent = context.getDispatcher();
      madeAt = performance.now();
    } else {
      context.setDispatcher(agent);
    }
  };
  return config;
}
