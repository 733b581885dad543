/** What a request to the API server is about: its path, and its name in a sentence. Pure. */

/** A resource of Kubernetes, or one object of it. */
export type Target = {
  /** Left out for the core group. */
  group?: string;
  /** `v1` if left out. */
  version?: string;
  /** The plural, such as `pods`. */
  resource: string;
  /** Left out for all namespaces, or for what has none. */
  namespace?: string | undefined;
  name?: string;
  subresource?: string;
};

/** @see https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris */
export function pathOf({ group, version = 'v1', resource, namespace, name, subresource }: Target): string {
  const parts = [
    ...(group ? ['apis', group, version] : ['api', version]),
    ...(namespace === undefined ? [] : ['namespaces', namespace]),
    resource,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ];
  return `/${parts.map(encodeURIComponent).join('/')}`;
}

/** `pods in the namespace shop`, `nodes`, `nodes worker-1`, as a missing right is named. */
export function describeTarget({ group, resource, namespace, name, subresource }: Target): string {
  const full = `${resource}${group ? `.${group}` : ''}${subresource ? `/${subresource}` : ''}`;
  const which = name === undefined ? full : `${full} ${name}`;
  return namespace === undefined ? which : `${which} in the namespace ${namespace}`;
}

/** `pods in all namespaces`, `nodes` */
export const describeList = (target: Target): string =>
  target.namespace === undefined && !clusterScoped.has(target.resource)
    ? `${describeTarget(target)} in all namespaces`
    : describeTarget(target);

// --- internal ---

/** Those of them that commands list. */
const clusterScoped: ReadonlySet<string> = new Set([
  'namespaces',
  'nodes',
  'mutatingwebhookconfigurations',
  'clusterroles',
  'clusterrolebindings',
]);
