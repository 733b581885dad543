/**
 * From the environment and the flags to one frozen configuration, or to every problem there is.
 * Pure: the caller reads process.env, prints the problems and selects the exit code.
 */
import { Check } from 'typebox/value';
import { findNearest } from '../util/nearest.ts';
import { fail, ok, type Result } from '../util/result.ts';
import { conflicts } from './conflicts.ts';
import { findBadDefaults } from './defaults-setting.ts';
import { type Config, type Setting, type SettingName, settings } from './settings.ts';

export type { Config } from './settings.ts';

/** Values of flags by name of the setting, as commander hands them over. */
export type Flags = Partial<Record<SettingName, string>>;
export type Environment = Readonly<Record<string, string | undefined>>;
export type ConfigProblem = { from: 'flag' | 'environment'; message: string };

/**
 * Reads all settings; a flag beats its variable. The problems are all there are, not just the first.
 * @param command that reads them, as its user calls it
 */
export function parseConfig(
  env: Environment,
  flags: Flags = {},
  command = 'clockout serve',
): Result<Config, ConfigProblem[]> {
  const given = new Map(settings.flatMap((setting) => findGiven(setting, env, flags)));
  const values = settings.flatMap(({ name, kind, default: preset }) => {
    const text = given.get(name)?.text ?? preset;
    return text === undefined ? [] : [[name, kind.read(text)] as const];
  });
  const config = Object.fromEntries(values) as Config;
  const invalid = findInvalid(config, given);
  const further = invalid.length > 0 ? [] : findInDefaults(config, given);
  const problems = [...findUnknown(env, command), ...invalid, ...further, ...findConflicts(config, given)];
  return problems.length > 0 ? fail(problems) : ok(deepFreeze(config));
}

// --- internal ---

/** A setting that is not left at its default: where it came from, under which name, and its text. */
type Given = { setting: Setting; from: ConfigProblem['from']; as: string; text: string };
type AllGiven = ReadonlyMap<SettingName, Given>;

/** An empty variable counts as not set, as templates often leave one. An empty flag does not. */
function findGiven(setting: Setting, env: Environment, flags: Flags): [SettingName, Given][] {
  const [flag, variable] = [flags[setting.name], env[setting.variable]];
  if (flag !== undefined) return [[setting.name, { setting, from: 'flag', as: setting.flag, text: flag }]];
  if (variable) return [[setting.name, { setting, from: 'environment', as: setting.variable, text: variable }]];
  return [];
}

/**
 * The kubelet sets variables for each Service whose name begins with "clockout": they are not settings, and not mistakes.
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
const serviceLink = /_SERVICE_HOST$|_SERVICE_PORT(_\w+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/;
const isServiceLink = (name: string, value: string) =>
  serviceLink.test(name) || (name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value));

function findUnknown(env: Environment, command: string): ConfigProblem[] {
  const known = new Set(settings.map(({ variable }) => variable));
  const hint = (name: string) => {
    const nearest = findNearest(name, known);
    return nearest === undefined ? ';' : `; did you mean ${nearest}?`;
  };
  return Object.entries(env)
    .filter(([name, value]) => name.startsWith('CLOCKOUT_') && !known.has(name) && !isServiceLink(name, value ?? ''))
    .map(([name]) => ({
      from: 'environment',
      message: `Unknown setting ${name}${hint(name)} "${command} --help" lists the settings of this command.`,
    }));
}

function findInvalid(config: Config, given: AllGiven): ConfigProblem[] {
  return [...given.values()]
    .filter(({ setting: { name, kind } }) => !Check(kind.schema, config[name]))
    .map(({ from, as, text, setting: { kind } }) => ({
      from,
      message: `${as} is ${JSON.stringify(text)}; expected ${kind.expects.replaceAll('`', '')}.`,
    }));
}

/** What a schema cannot say. */
function findInDefaults({ defaults = {} }: Config, given: AllGiven): ConfigProblem[] {
  const found = given.get('defaults');
  return found
    ? findBadDefaults(defaults).map((problem) => ({ from: found.from, message: `${found.as}: ${problem}.` }))
    : [];
}

function findConflicts(config: Config, given: AllGiven): ConfigProblem[] {
  return conflicts.flatMap(({ of, when, problem }) => {
    const [found] = of.flatMap((name) => given.get(name) ?? []);
    return found && when(config) ? [{ from: found.from, message: `${found.as} ${problem}` }] : [];
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
