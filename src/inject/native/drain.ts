/**
 * How long pilot-agent keeps Envoy running once Kubernetes ends it. The apps have ended by then, so the default of 5 s is only lost
 * time: every Job would end so much later.
 * @see https://github.com/istio/istio/blob/1.26.0/pkg/envoy/agent.go (terminate)
 */

import { longestProxyConfig } from '../../pod/proxy-config/read.ts';
import type { Container } from '../../pod/schema.ts';
import { isTrue, variableOf } from '../../pod/sidecars/settings.ts';

/**
 * Sets it where nobody else has: not by `terminationDrainDuration`, nor by EXIT_ON_ZERO_ACTIVE_CONNECTIONS, which takes its place.
 * The pod's annotation proxy.istio.io/config wins over it, as pilot-agent reads that last.
 */
export function setDrain(container: Container, milliseconds: number): Container {
  const env = container.env ?? [];
  if (isTrue(variableOf(container, exitOnZero))) return container;
  const drain = `"terminationDrainDuration":"${milliseconds / 1000}s"`;
  const index = env.findLastIndex(({ name }) => name === 'PROXY_CONFIG');
  const variable = env[index];
  if (!variable) return { ...container, env: [...env, { name: 'PROXY_CONFIG', value: `{${drain}}` }] };
  const value = addDrain(variable.value ?? '', drain);
  return value === undefined ? container : { ...container, env: env.with(index, { ...variable, value }) };
}

// --- internal ---

const exitOnZero = 'EXIT_ON_ZERO_ACTIVE_CONNECTIONS';

/** @returns undefined for a config that has an answer of its own, or that is not JSON: Istio's injector writes nothing else */
function addDrain(config: string, drain: string): string | undefined {
  const entries = readObject(config);
  if (!entries) return undefined;
  const { terminationDrainDuration, termination_drain_duration, proxyMetadata, ...rest } = entries;
  if ((terminationDrainDuration ?? termination_drain_duration) !== undefined) return undefined;
  if (readObject(JSON.stringify(proxyMetadata))?.[exitOnZero] === 'true') return undefined;
  const isEmpty = proxyMetadata === undefined && Object.keys(rest).length === 0;
  // Everything else stays as it is written.
  const start = config.indexOf('{') + 1;
  return `${config.slice(0, start)}${drain}${isEmpty ? '' : ','}${config.slice(start)}`;
}

function readObject(text: string | undefined): Record<string, unknown> | undefined {
  if (!text || text.length > longestProxyConfig) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value))
      : undefined;
  } catch {
    return undefined;
  }
}
