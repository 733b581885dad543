/** What an installation of Clockout sets for pods, as its Deployment shows it. Pure. */
import { readAllowed } from '../pod/annotations/allowed.ts';
import { type DefaultLevels, type Defaults, readDefaults, readNamespaceDefaults } from '../pod/annotations/defaults.ts';
import type { AllowedAnnotations } from '../pod/annotations/parse.ts';
import { optionTable, type Strategy } from '../pod/annotations/table.ts';
import { listAt, textAt } from '../util/find-value.ts';
import { parseObject } from '../util/json-object.ts';

/** Undefined: it is not set, or not in a way that can be read. */
export type OwnSettings = {
  /** Of the Deployment. */
  namespace: string;
  strategy: Strategy | undefined;
  nativeFrom: number | undefined;
  allowed: AllowedAnnotations;
  defaults: Defaults | undefined;
  /** Whether annotations of namespaces hold for their pods. */
  hasNamespaceDefaults: boolean;
};

/** @param deployment unchecked */
export function readOwnSettings(deployment: unknown): OwnSettings {
  const containers = listAt(deployment, 'spec', 'template', 'spec', 'containers');
  const env = containers.flatMap((each) => listAt(each, 'env'));
  const read = (name: string) =>
    textAt(
      env.find((each) => textAt(each, 'name') === `CLOCKOUT_${name}`),
      'value',
    ) || undefined;
  const from = Number(read('NATIVE_FROM') ?? Number.NaN);
  return {
    namespace: textAt(deployment, 'metadata', 'namespace') ?? '',
    strategy: optionTable.strategy.parse(read('STRATEGY') ?? 'wrap'),
    nativeFrom: Number.isInteger(from) ? from : undefined,
    allowed: readAllowed(read('ALLOWED_ANNOTATIONS') ?? 'all'),
    defaults: readTexts(read('DEFAULTS')),
    hasNamespaceDefaults: read('NAMESPACE_DEFAULTS') === 'on',
  };
}

/** Of the pods of a namespace. @param annotations of the namespace, if they are known */
export const defaultsFor = (
  { defaults, allowed, hasNamespaceDefaults }: OwnSettings,
  annotations: Readonly<Record<string, unknown>> | undefined,
): DefaultLevels => ({
  installation: defaults,
  namespace: hasNamespaceDefaults && annotations ? readNamespaceDefaults(annotations, allowed) : undefined,
});

// --- internal ---

/** @param json with texts and booleans, as the server takes it */
function readTexts(json: string | undefined): Defaults | undefined {
  const values = json === undefined ? undefined : parseObject(json);
  if (!values) return undefined;
  const texts = Object.entries(values).filter(([, value]) => typeof value === 'string' || typeof value === 'boolean');
  return readDefaults(Object.fromEntries(texts.map(([name, value]) => [name, `${value}`])));
}
