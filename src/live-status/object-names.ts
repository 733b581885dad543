/** Names of objects, for a command that somebody can copy. Pure. */
import { findValue } from '../util/find-value.ts';

/** `report -n shop`; undefined if its names are none that Kubernetes takes. */
export function nameArguments(object: unknown): string | undefined {
  const [name, namespace = 'default'] = [
    findValue(object, 'metadata', 'name'),
    findValue(object, 'metadata', 'namespace'),
  ];
  const isNamed = [name, namespace].every((each) => typeof each === 'string' && /^[a-z0-9.-]{1,253}$/.test(each));
  return isNamed ? `${name} -n ${namespace}` : undefined;
}
