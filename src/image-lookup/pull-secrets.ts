/**
 * The credentials in the Secrets that a pod is pulled with. A pod in a review names those of its service account, too, where
 * it named none: the API server fills them in before it asks webhooks. Only in a template are they still to be filled in.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.35.4/plugin/pkg/admission/serviceaccount/admission.go#L167
 * @see https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/kubeapiserver/options/plugins.go#L70-L110 for the order
 */
import { type ConfigEntry, decodePullSecret } from '../oci/credentials/docker-config.ts';
import { longestReference } from '../oci/reference.ts';
import { onceForEach } from '../util/once-for-each.ts';
import { makeRemember } from '../util/remember.ts';
import { unlessAborted } from '../util/unless-aborted.ts';
import { makeLimiter } from './limiter.ts';
import type { CredentialQuestion, LookupDeps, PodCredentials } from './lookup.ts';

type SecretContent = { type?: string; data?: Readonly<Record<string, string>> };
type SecretReferences = readonly { name?: string | null }[];

/** Undefined: it is not there. Each ends by itself, and throws an Error whose message is a sentence without its full stop. */
export type PullSecretReaders = {
  readSecret: (namespace: string, name: string) => Promise<SecretContent | undefined>;
  readServiceAccount: (namespace: string, name: string) => Promise<{ imagePullSecrets?: SecretReferences } | undefined>;
};

/**
 * What is read is remembered for half a minute, whatever a registry says of it: at the latest then a Secret that was changed
 * is seen. A failure is remembered for less, as somebody may be setting it right.
 * @param deps now is in milliseconds
 * @returns what never rejects: whatever is wrong with a Secret is a sentence beside the credentials of the others
 */
export function makePullSecrets(deps: PullSecretReaders & { now: () => number }): LookupDeps['credentialsOf'] {
  const { readSecret, readServiceAccount, now } = deps;
  const rememberSecret = makeRemember<PodCredentials>({ maxEntries: 1000, maxBytes: 16 * mebibyte }, now);
  const rememberAccount = makeRemember<Named>({ maxEntries: 1000, maxBytes: mebibyte }, now);

  const namesInPod = onceForEach((references: SecretReferences) => namesIn('the pod', references));
  const enter = makeLimiter({ places: atATime, share: atATime }, now);

  const readInTurn = async (namespace: string, name: string) => {
    const title = `the Secret ${namespace}/${name}`;
    const leave = await enter(namespace, namespace, turnMilliseconds);
    if (!leave) throw new Error(late(title));
    try {
      return decode(title, await readSecret(namespace, name));
    } finally {
      leave();
    }
  };

  const credentialsIn = (namespace: string, name: string) =>
    rememberSecret(`${namespace}/${name}`, () =>
      readInTurn(namespace, name).catch((error) => failure({ entries: [], problems: [sentenceOf(error)] })),
    );

  const namedByAccount = (namespace: string, name: string, title: string) =>
    rememberAccount(`${namespace}/${name}`, () =>
      readServiceAccount(namespace, name)
        .then((account) =>
          account ? success(namesIn(title, account.imagePullSecrets)) : failure(none(noAccount(title))),
        )
        .catch((error) => failure(none(sentenceOf(error)))),
    );

  const namedBy = async ({ pod: { spec }, namespace, isTemplate }: CredentialQuestion, signal: AbortSignal) => {
    if (!isTemplate || spec.imagePullSecrets?.length) return namesInPod(spec.imagePullSecrets ?? noReferences);
    const account = spec.serviceAccountName || 'default';
    if (!isName(account)) return none(badAccount);
    const title = `the ServiceAccount ${namespace}/${account}`;
    return (await unlessAborted(namedByAccount(namespace, account, title), signal)) ?? none(late(title));
  };

  return async (question, signal) => {
    const { namespace } = question;
    const named = await namedBy(question, signal);
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

/** A pod may name any number of Secrets, and a Secret any number of registries of any length; all cost each lookup time. */
const maxSecrets = 16;
const maxRegistries = 250;

/** Of a namespace: each Secret may have a mebibyte, and all that are on their way are in memory. */
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
  const { entries } = decoded;
  const used = entries.slice(0, maxRegistries).filter(({ key }) => key.length <= longestReference);
  const value = { entries: copy(used), problems: entriesProblems(title, entries) };
  const { bytes, ...reading } = success(value);
  return { ...reading, bytes: bytes + value.entries.length * entryBytes };
}

/** Texts that were cut from others keep all of them in memory; these don't. */
const copy = (entries: readonly ConfigEntry[]): ConfigEntry[] => JSON.parse(JSON.stringify(entries));

function namesIn(owner: string, references: SecretReferences | null | undefined): Named {
  // The API server takes any name here, and a kubelet passes over an empty one:
  // https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/kubelet/kubelet_pods.go#L1067-L1092
  const given = new Set((references ?? []).map(({ name }) => name ?? '').filter((name) => name !== ''));
  const names = [...given].filter(isName);
  const problems: string[] = [];
  if (names.length < given.size)
    problems.push(`an entry of imagePullSecrets of ${owner} can be no Secret's name; correct it`);
  if (names.length > maxSecrets)
    problems.push(`only the first ${maxSecrets} imagePullSecrets of ${owner} are used; put all in fewer Secrets`);
  return { names: names.slice(0, maxSecrets), problems };
}

/** Other texts could be the path of something else: `..` is for the namespace. */
const isName = (text: string) => text.length <= 253 && /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(text);

const entriesProblems = (title: string, entries: readonly ConfigEntry[]) =>
  entries.length > maxRegistries
    ? [`of ${title} only the first ${maxRegistries} registries are used; divide it into several`]
    : [];

const noSecret = (title: string) =>
  `${title} is not there; make it with \`kubectl create secret docker-registry\`, or take it out of imagePullSecrets`;
const noAccount = (title: string) => `${title} is not there; make it, or name another as serviceAccountName`;
const badAccount = "serviceAccountName can be no ServiceAccount's name; correct it";
const late = (title: string) => `${title} could not be read in time; try again, as it may be remembered by then`;
const sentenceOf = (error: unknown) => (error instanceof Error ? error.message : `${error}`);
