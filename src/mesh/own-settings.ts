/** What an installation of Clockout sets for pods, as its Deployment shows it. Pure. */
import { readAllowed } from '../pod/annotations/allowed.ts';
import type { AllowedAnnotations } from '../pod/annotations/parse.ts';
import {
  type DefaultLevels,
  type Defaults,
  readDefaults,
  readNamespaceDefaults,
} from '../pod/annotations/read-defaults.ts';
import { optionTable, type Strategy } from '../pod/annotations/table.ts';
import { findValue, listAt, textAt } from '../util/find-value.ts';
import { parseObject } from '../util/json-object.ts';
import { findFlag, findServerContainer, variableOf } from './server-container.ts';

/** Undefined: it is not set, or not in a way that can be read. */
export type OwnSettings = PodDefaults & {
  strategy: Strategy | undefined;
  nativeFrom: number | undefined;
};

/** What decides about options that a pod does not set. */
export type PodDefaults = {
  allowed: AllowedAnnotations;
  defaults: Defaults | undefined;
  /** Whether annotations of namespaces hold for their pods. */
  hasNamespaceDefaults: boolean;
};

/** @param deployment unchecked */
export function readOwnSettings(deployment: unknown): OwnSettings {
  const read = settingReader(deployment);
  const strategy = read('strategy', 'wrap');
  const from = Number(read('native-from') ?? Number.NaN);
  return {
    strategy: strategy === undefined ? undefined : optionTable.strategy.parse(strategy),
    nativeFrom: Number.isInteger(from) ? from : undefined,
    allowed: readAllowed(read('allowed-annotations') ?? 'all'),
    defaults: parseDefaults(read('defaults')),
    hasNamespaceDefaults: read('namespace-defaults') === 'on',
  };
}

/** Of the pods of a namespace. @param annotations of the namespace, if they are known */
export const defaultsFor = (
  { defaults, allowed, hasNamespaceDefaults }: PodDefaults,
  annotations: Readonly<Record<string, unknown>> | undefined,
): DefaultLevels => ({
  installation: defaults,
  namespace: hasNamespaceDefaults && annotations ? readNamespaceDefaults(annotations, allowed) : undefined,
});

// --- internal ---

/** As the server reads them: a flag beats a variable, and an empty variable counts as not set. Of two, Kubernetes takes the last. */
function settingReader(deployment: unknown) {
  const server = findServerContainer(deployment);
  const env = listAt(server, 'env');
  /** @returns the preset if it is not set; undefined if its value is elsewhere, as with valueFrom */
  return (name: string, preset?: string): string | undefined => {
    const flag = findFlag(server, name);
    if (flag !== undefined) return flag;
    const set = env.findLast((each) => textAt(each, 'name') === variableOf(name));
    return findValue(set, 'valueFrom') == null ? textAt(set, 'value') || preset : undefined;
  };
}

/** @param json with texts and booleans, as the server takes it */
function parseDefaults(json: string | undefined): Defaults | undefined {
  const values = json === undefined ? undefined : parseObject(json);
  if (!values) return undefined;
  const texts = Object.entries(values).filter(([, value]) => typeof value === 'string' || typeof value === 'boolean');
  return readDefaults(Object.fromEntries(texts.map(([name, value]) => [name, `${value}`])));
}
