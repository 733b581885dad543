/** What is wrong with settings that are right alone. */

import { milliseconds } from './kinds.ts';
import { type Setting, type SettingName, settings } from './schema.ts';

export type ConfigProblem = { from: 'flag' | 'environment'; message: string };

/** A setting that is not left at its default: where it came from, and as what. */
export type Given = { setting: Setting; from: ConfigProblem['from']; as: string; text: string; value: unknown };
/** Settings that are right alone and wrong together. */
export function findContradictions(given: ReadonlyMap<SettingName, Given>): ConfigProblem[] {
  const complain = (name: SettingName, text: string): ConfigProblem[] => {
    const found = given.get(name);
    return found ? [{ from: found.from, message: `${found.as} ${text}` }] : [];
  };
  const incomplete = (name: SettingName, other: string) =>
    complain(name, `is set without the ${other}; set both, or none for a self-made certificate.`);
  const unused = (name: SettingName) =>
    complain(name, 'is for the self-made certificate, and a certificate is given; leave one of them out.');
  const samePort = () => {
    const name = given.has('metricsListenPort') ? 'metricsListenPort' : 'listenPort';
    return complain(name, 'is the port of the other server, too; the webhook and the metrics need one each.');
  };
  const port = (name: SettingName) => given.get(name)?.value ?? presetOf(name);
  const [certificate, key] = [given.has('tlsCertFile'), given.has('tlsKeyFile')];
  const lone = (name: SettingName, other: SettingName) =>
    given.has(other) ? [] : complain(name, `is of use only together with ${variableOf(other)}; set both, or none.`);
  const together = (one: SettingName, other: SettingName) => [...lone(one, other), ...lone(other, one)];
  const value = (name: SettingName) => `${given.get(name)?.value ?? presetOf(name)}`;
  const withoutLookup = (['registryPullSecrets', 'registryDockerConfig', 'registryClouds', 'registryWarmUp'] as const)
    .filter((name) => value('registryLookup') === 'off' && value(name) !== 'off')
    .flatMap((name) => complain(name, 'is of use only where registries are asked; leave it out, or turn that on.'));
  const isTight = milliseconds(value('tlsCaOverlap')) * 3 >= milliseconds(value('tlsCaLifetime'));
  return [
    ...(port('listenPort') === port('metricsListenPort') && port('listenPort') !== 0 ? samePort() : []),
    ...(certificate && !key ? incomplete('tlsCertFile', 'key file') : []),
    ...(key && !certificate ? incomplete('tlsKeyFile', 'certificate file') : []),
    ...(certificate ? [...unused('tlsCaOut'), ...unused('tlsCaSecret')] : []),
    ...(given.has('tlsCaSecret')
      ? complain(
          'tlsCaOut',
          'is for the self-made certificate; a CA that is shared is in its Secret, as ca.crt; leave it out.',
        )
      : []),
    ...together('tlsCaSecret', 'webhookConfiguration'),
    ...together('clientCaFile', 'clientNames'),
    ...withoutLookup,
    ...(isTight
      ? complain(
          given.has('tlsCaOverlap') ? 'tlsCaOverlap' : 'tlsCaLifetime',
          'leaves no time for a change of the CA; expected an overlap below a third of the life of the CA.',
        )
      : []),
  ];
}

const presetOf = (name: SettingName) => settings.find((setting) => setting.name === name)?.default;
const variableOf = (name: SettingName) => settings.find((setting) => setting.name === name)?.variable;
