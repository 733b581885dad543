/**
 * The credentials in a pod's pull secrets. If a pod names none, the API server fills in those of its service account before it
 * calls webhooks; in a template that has not happened yet.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.35.4/plugin/pkg/admission/serviceaccount/admission.go#L167
 * @see https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/kubeapiserver/options/plugins.go#L70-L110 for the order
 */
import { type ConfigEntry, decodePullSecret } from '../oci/credentials/docker-config.ts';
import { longestReference } from '../oci/reference.ts';
import { unlessAborted } from '../util/abort.ts';
import { isDnsSubdomain } from '../util/dns-name.ts';
import { readErrorMessage } from '../util/errors.ts';
import { createLimiter } from '../util/limiter.ts';
import { onceForEach } from '../util/once-for-each.ts';
import { createRemember } from '../util/remember.ts';
import type { CredentialRequest, LookupDeps, PodCredentials } from './lookup.ts';

type SecretContent = { type?: string; data?: Readonly<Record<string, string>> };
type SecretReferences = readonly { name?: string | null }[];

/**
 * Each resolves to undefined if there is no such object, and ends by itself.
 * @throws an Error whose message is a sentence without its full stop
 */
export type PullSecretReaders = {
  readSecret: (namespace: string, name: string) => Promise<SecretContent | undefined>;
  readServiceAccount: (namespace: string, name: string) => Promise<{ imagePullSecrets?: SecretReferences } | undefined>;
};

/**
 * Remembers a Secret for half a minute, so a changed Secret takes effect by then. Remembers a failure for less, because its
 * owner may be correcting it.
 * @param deps now is in milliseconds
 * @returns a function that never rejects: a problem with one Secret is a sentence, next to the credentials of the others
 */
export function createPullSecrets(deps: PullSecretReaders & { now: () => number }): LookupDeps['credentialsOf'] {
  const { readSecret, readServiceAccount, now } = deps;
  const rememberSecret = createRemember<PodCredentials>({ maxEntries: 1000, maxBytes: 16 * mebibyte }, now);
  const rememberAccount = createRemember<Named>({ maxEntries: 1000, maxBytes: mebibyte }, now);

  const namesInPod = onceForEach((references: SecretReferences) => namesIn('the pod', references));
  const enter = createLimiter({ places: atATime, share: atATime }, now);

  const readInTurn = async (namespace: string, name: string) => {
    const title = `the Secret ${namespace}/${name}`;
    const leave = await enter({ lane: namespace, party: namespace, milliseconds: turnMilliseconds });
    if (!leave) throw new Error(late(title));
    try {
      return decode(title, await readSecret(namespace, name));
    } finally {
      leave();
    }
  };

  const credentialsIn = (namespace: string, name: string) =>
    rememberSecret(`${namespace}/${name}`, () =>
      readInTurn(namespace, name).catch((error) => failure({ entries: [], problems: [readErrorMessage(error)] })),
    );

  const namedByAccount = (namespace: string, name: string, title: string) =>
    rememberAccount(`${namespace}/${name}`, () =>
      readServiceAccount(namespace, name)
        .then((account) =>
          account ? success(namesIn(title, account.imagePullSecrets)) : failure(none(noAccount(title))),
        )
        .catch((error) => failure(none(readErrorMessage(error)))),
    );

  const namedBy = async ({ pod: { spec }, namespace, isTemplate }: CredentialRequest, signal: AbortSignal) => {
    if (!isTemplate || spec.imagePullSecrets?.length) return namesInPod(spec.imagePullSecrets ?? noReferences);
    const account = spec.serviceAccountName || 'default';
    if (!isDnsSubdomain(account)) return none(badAccount);
    const title = `the ServiceAccount ${namespace}/${account}`;
    return (await unlessAborted(namedByAccount(namespace, account, title), signal)) ?? none(late(title));
  };

  return async (request, signal) => {
    const { namespace } = request;
    const named = await namedBy(request, signal);
    const read = named.names.map(
      async (name) =>
        (await unlessAborted(credentialsIn(namespace, name), signal)) ?? {
          entries: [],
          problems: [late(`the Secret ${namespace}/${name}`)],
        },
    );
    const all = await Promise.all(read);
    return {
      entries: all.flatMap(({ entries }) => entries),
      problems: [...named.problems, ...all.flatMap(({ problems }) => problems)],
    };
  };
}

// --- internal ---

/** Names of Secrets, each once, in their order; and sentences. */
type Named = { names: string[]; problems: string[] };

const noReferences: SecretReferences = [];
const none = (problem: string): Named => ({ names: [], problems: [problem] });

const mebibyte = 1024 * 1024;
const secretMilliseconds = 30_000;
const failureMilliseconds = 5000;

/** A pod may name any number of Secrets, and a Secret any number of registries of any length; each costs every lookup time. */
const maxSecrets = 16;
const maxRegistries = 250;

/** For a namespace: each Secret may have a mebibyte, and those underway are in memory. */
const atATime = 4;
const turnMilliseconds = 5000;

/** An entry's objects take about 100 bytes, and its texts as many as they do here, or twice that. */
const entryBytes = 256;

const success = <T extends object>(value: T) => ({
  value,
  milliseconds: secretMilliseconds,
  bytes: entryBytes + 2 * JSON.stringify(value).length,
});
const failure = <T extends object>(value: T) => ({ ...success(value), milliseconds: failureMilliseconds });

function decode(title: string, secret: SecretContent | undefined) {
  if (!secret) return failure({ entries: [], problems: [noSecret(title)] });
  const decoded = decodePullSecret(title, secret);
  if (!decoded.ok) return failure({ entries: [], problems: [decoded.problem] });
  const entries = decoded.value;
  const used = entries.slice(0, maxRegistries).filter(({ key }) => key.length <= longestReference);
  const value = { entries: copy(used), problems: entriesProblems(title, entries) };
  const { bytes, ...reading } = success(value);
  return { ...reading, bytes: bytes + value.entries.length * entryBytes };
}

/** A text that was cut from another keeps all of that in memory; a copy does not. */
const copy = (entries: readonly ConfigEntry[]): ConfigEntry[] => JSON.parse(JSON.stringify(entries));

function namesIn(owner: string, references: SecretReferences | null | undefined): Named {
  // The API server accepts any name here, and a kubelet ignores an empty one:
  // https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/kubelet/kubelet_pods.go#L1067-L1092
  const given = new Set((references ?? []).map(({ name }) => name ?? '').filter((name) => name !== ''));
  // Another text could be the path of another object: `..` would be the namespace.
  const names = [...given].filter(isDnsSubdomain);
  const problems: string[] = [];
  if (names.length < given.size)
    problems.push(`an entry of imagePullSecrets of ${owner} is not a valid Secret name; correct it`);
  if (names.length > maxSecrets)
    problems.push(
      `only the first ${maxSecrets} imagePullSecrets of ${owner} are used; put the credentials into fewer Secrets`,
    );
  return { names: names.slice(0, maxSecrets), problems };
}

const entriesProblems = (title: string, entries: readonly ConfigEntry[]) =>
  entries.length > maxRegistries
    ? [`of ${title} only the first ${maxRegistries} registries are used; divide it into several`]
    : [];

const noSecret = (title: string) =>
  `${title} does not exist; create it with \`kubectl create secret docker-registry\`, or remove it from imagePullSecrets`;
const noAccount = (title: string) => `${title} does not exist; create it, or set another serviceAccountName`;
const badAccount = 'serviceAccountName is not a valid ServiceAccount name; correct it';
const late = (title: string) => `${title} could not be read in time; try again, it may be in the cache by then`;
