/** Bounds how many namespaces are labels of metrics. */
import { isDnsLabel } from '../util/dns-name.ts';

/** The namespaces with the most pods, and the rest in one row, which is there also for no pod. */
export function boundNamespaces(pods: ReadonlyMap<string, number>): [namespace: string, count: number][] {
  const sorted = [...pods].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
  const rest = sorted.slice(mostNamespaces).reduce((sum, [, count]) => sum + count, 0);
  return [...sorted.slice(0, mostNamespaces), [otherNamespaces, rest]];
}

/**
 * A namespace keeps its rows until the process ends, and the names of the first ones are as good as any: the operator can raise the
 * bound. A caller of the webhook can make names up; none of Kubernetes has an underscore.
 * @returns the label of a namespace; undefined if `most` is 0, and namespaces are not counted
 */
export function createNamespaceLabel(most: number): (namespace: string) => string | undefined {
  const named = new Set<string>();
  return (namespace) => {
    if (most === 0) return undefined;
    if (named.size < most && isDnsLabel(namespace)) named.add(namespace);
    return named.has(namespace) ? namespace : otherNamespaces;
  };
}

// --- internal ---

const mostNamespaces = 100;

/** No namespace has an underscore in its name. */
const otherNamespaces = '_other';
