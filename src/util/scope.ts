/** Names the namespaces that are looked at. Pure. */
import { listed, shortened } from './text.ts';

/** @param scope the namespaces that are looked at; undefined means all */
export function describeScope(scope: readonly string[] | undefined): string {
  if (scope === undefined) return 'all namespaces';
  const names = listed(
    scope.map((name) => shortened(name, 63)),
    10,
  );
  return `the ${scope.length === 1 ? 'namespace' : 'namespaces'} ${names.join(', ')}`;
}
