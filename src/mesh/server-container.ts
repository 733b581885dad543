/** The container of Clockout's Deployment, and its settings. Pure. */
import { listAt, textAt, textsAt } from '../util/find-value.ts';

/** A webhook can have added others. */
export function findServerContainer(deployment: unknown): unknown {
  const containers = listAt(deployment, 'spec', 'template', 'spec', 'containers');
  return containers.find((each) => textAt(each, 'name') === 'clockout') ?? containers[0];
}

/** The value of the last `--name=value`, or `--name` and `value`, among its args. */
export function findFlag(server: unknown, name: string): string | undefined {
  const [words, flag] = [textsAt(server, 'args'), `--${name}`];
  const at = words.findLastIndex((word) => word === flag || word.startsWith(`${flag}=`));
  return words[at] === flag ? words[at + 1] : words[at]?.slice(flag.length + 1);
}

/** Its variables, without those whose value is elsewhere, as with valueFrom. Of two, Kubernetes takes the last. A flag beats its variable. */
export function readVariables(server: unknown): Record<string, string> {
  const variables = listAt(server, 'env').flatMap((each) => {
    const [name, value] = [textAt(each, 'name'), textAt(each, 'value')];
    return name !== undefined && value !== undefined ? [[name, value] as const] : [];
  });
  const names = textsAt(server, 'args').flatMap((word) => /^--([a-z][a-z-]*)/.exec(word)?.[1] ?? []);
  const flags = names.flatMap((name) => {
    const value = findFlag(server, name);
    return value === undefined ? [] : [[variableOf(name), value] as const];
  });
  return Object.fromEntries([...variables, ...flags]);
}

export const variableOf = (flag: string): string => `CLOCKOUT_${flag.replaceAll('-', '_').toUpperCase()}`;
