/**
 * From the environment and the flags to one frozen configuration, or to every problem there is.
 * Pure: the caller reads process.env, prints the problems and picks the exit code.
 */
import { Errors } from 'typebox/value';
import { type ConfigProblem, findContradictions, type Given } from './conflicts.ts';
import { type Config, Schema, type Setting, type SettingName, settings } from './schema.ts';

export { milliseconds } from './kinds.ts';
export type { Config } from './schema.ts';

/** Values of flags by name of the setting, as commander hands them over. */
export type Flags = Partial<Record<SettingName, string>>;
export type Environment = Readonly<Record<string, string | undefined>>;
export type ParsedConfig = { ok: true; config: Config } | { ok: false; problems: ConfigProblem[] };

/** Reads all settings; a flag beats its variable. The problems are all there are, not just the first. */
export function parseConfig(env: Environment, flags: Flags = {}): ParsedConfig {
  const given = new Map(settings.flatMap((setting) => findGiven(setting, env, flags)));
  const defaults = settings.filter((setting) => setting.default !== undefined);
  const config = Object.fromEntries([
    ...defaults.map((setting) => [setting.name, setting.default] as const),
    ...[...given].map(([name, { value }]) => [name, value] as const),
  ]);
  const problems = [...findUnknown(env), ...findInvalid(config, given), ...findContradictions(given)];
  return problems.length > 0 ? { ok: false, problems } : { ok: true, config: deepFreeze(config as Config) };
}

// --- internal ---

/** An empty variable counts as not set, as templates often leave one; an empty flag does not. */
function findGiven(setting: Setting, env: Environment, flags: Flags): [SettingName, Given][] {
  const flag = flags[setting.name];
  const variable = env[setting.variable] || undefined;
  const text = flag ?? variable;
  if (text === undefined) return [];
  const origin =
    flag === undefined
      ? ({ from: 'environment', as: setting.variable } as const)
      : ({ from: 'flag', as: setting.flag } as const);
  return [[setting.name, { setting, ...origin, text, value: decodeText(text, setting) }]];
}

/** What cannot be decoded stays text, and the schema refuses it together with the other bad values. */
function decodeText(text: string, { type, items }: Setting): unknown {
  switch (type) {
    case 'integer':
      return /^\d+$/.test(text) ? Number(text) : text;
    case 'array':
      return items?.type === 'object' ? parseJson(text) : text.split(',').map((item) => item.trim());
    case 'object':
      return parseJson(text);
    default:
      return text;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * What the kubelet sets for a Service whose name begins with "clockout" is no setting, and no mistake of the user's.
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
const serviceLink = /_SERVICE_HOST$|_SERVICE_PORT(_\w+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/;
const isServiceLink = (name: string, value: string) =>
  serviceLink.test(name) || (name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value));

function findUnknown(env: Environment): ConfigProblem[] {
  const known = new Set(settings.map(({ variable }) => variable));
  return Object.entries(env)
    .filter(([name, value]) => name.startsWith('CLOCKOUT_') && !known.has(name) && !isServiceLink(name, value ?? ''))
    .map(([name]) => ({
      from: 'environment',
      message: `${name} is no setting of Clockout's; "clockout serve --help" lists them all.`,
    }));
}

/** One sentence a setting, however many rules its value breaks. */
function findInvalid(config: object, given: ReadonlyMap<SettingName, Given>): ConfigProblem[] {
  const invalid = new Set(Errors(Schema, config).map(({ instancePath }) => instancePath.split('/')[1]));
  return [...given.values()]
    .filter(({ setting }) => invalid.has(setting.name))
    .map(({ from, as, text, setting }) => ({
      from,
      message: `${as} is ${JSON.stringify(text)}; expected ${setting.expects.replaceAll('`', '')}.`,
    }));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
