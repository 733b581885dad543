/** Names what is looked at. Pure. */
import { listed, shortened } from './text.ts';

/**
 * @param scope the namespaces that are looked at; undefined means all
 * @param selector the labels of the objects that are looked at, as kubectl takes them
 */
export const describeScope = (scope: readonly string[] | undefined, selector?: string | null): string =>
  selector == null
    ? describeNamespaces(scope)
    : `${describeNamespaces(scope)}, with the labels ${shortened(selector, 200)}`;

// --- internal ---

function describeNamespaces(scope: readonly string[] | undefined): string {
  if (scope === undefined) return 'all namespaces';
  const names = listed(
    scope.map((name) => shortened(name, 63)),
    10,
  );
  return `the ${scope.length === 1 ? 'namespace' : 'namespaces'} ${names.join(', ')}`;
}
