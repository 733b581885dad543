/** Settings that are right alone and wrong together. */
import type { Config, SettingName } from './settings.ts';

type Conflict = {
  /** Whose problem it is: the first of these that is set. If none is, nothing is wrong. */
  of: readonly SettingName[];
  when: (config: Config) => boolean;
  /** Goes on after the name of the variable or flag. */
  problem: string;
};

const incomplete = (of: SettingName, other: SettingName, problem: string): Conflict => ({
  of: [of],
  when: (config) => config[other] === undefined,
  problem,
});

const withoutLookup = (of: SettingName): Conflict => ({
  of: [of],
  when: (config) => config.registryLookup === 'off' && config[of] !== 'off',
  problem: 'has no effect without lookups; remove it, or set CLOCKOUT_REGISTRY_LOOKUP to on.',
});

const isCertificateGiven = ({ tlsCertFile }: Config) => tlsCertFile !== undefined;
const needsNoFiles =
  'is only for a certificate that Clockout creates, but a certificate file is set; remove one of the two.';

export const conflicts: readonly Conflict[] = [
  {
    of: ['metricsListenPort', 'listenPort'],
    when: ({ listenPort, metricsListenPort }) => listenPort === metricsListenPort && listenPort !== 0,
    problem: 'is the port of the other server; expected different ports for the webhook and the metrics.',
  },
  incomplete(
    'tlsCertFile',
    'tlsKeyFile',
    'is set without the key file; set both, or neither if Clockout is to create the certificate.',
  ),
  incomplete(
    'tlsKeyFile',
    'tlsCertFile',
    'is set without the certificate file; set both, or neither if Clockout is to create the certificate.',
  ),
  { of: ['tlsCaOut'], when: isCertificateGiven, problem: needsNoFiles },
  { of: ['tlsCaSecret'], when: isCertificateGiven, problem: needsNoFiles },
  {
    of: ['tlsCaOut'],
    when: ({ tlsCaSecret }) => tlsCaSecret !== undefined,
    problem:
      'is only for the self-signed certificate; the Secret of the shared CA has the CA as ca.crt. Remove one of the two.',
  },
  incomplete('tlsCaSecret', 'webhookConfiguration', 'needs CLOCKOUT_WEBHOOK_CONFIGURATION; set both, or neither.'),
  incomplete('webhookConfiguration', 'tlsCaSecret', 'needs CLOCKOUT_TLS_CA_SECRET; set both, or neither.'),
  incomplete(
    'askIstioConfiguration',
    'tlsCaSecret',
    'needs CLOCKOUT_TLS_CA_SECRET; set both, or neither: with a certificate file, the caBundle is yours to keep.',
  ),
  incomplete('clientCaFile', 'clientNames', 'needs CLOCKOUT_CLIENT_NAMES; set both, or neither.'),
  incomplete('clientNames', 'clientCaFile', 'needs CLOCKOUT_CLIENT_CA_FILE; set both, or neither.'),
  withoutLookup('registryPullSecrets'),
  withoutLookup('registryDockerConfig'),
  withoutLookup('registryClouds'),
  withoutLookup('registryWarmUp'),
  {
    of: ['tlsCaOverlap', 'tlsCaLifetime'],
    when: ({ tlsCaOverlap, tlsCaLifetime }) => tlsCaOverlap * 3 >= tlsCaLifetime,
    problem: 'leaves no time to change the CA; expected an overlap shorter than a third of the lifetime of the CA.',
  },
];
