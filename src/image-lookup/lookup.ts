/** Looks up what a pod's image runs, in the image's registry. This file names every step. */
import type { LookupImageConfig } from '../entrypoint/resolve.ts';
import type { RegistryClient } from '../oci/client.ts';
import type { Credential } from '../oci/credentials/credential.ts';
import type { ConfigEntry } from '../oci/credentials/docker-config.ts';
import { selectCredentials } from '../oci/credentials/select-credentials.ts';
import { shareSources } from '../oci/credentials/share-sources.ts';
import type { Platform } from '../oci/platform.ts';
import { pullImageConfig, resolveDigest } from '../oci/pull-config.ts';
import { parseReference, type Reference } from '../oci/reference.ts';
import type { Pod } from '../pod/schema.ts';
import { unlessAborted } from '../util/abort.ts';
import { type Deadline, startDeadline } from '../util/deadline.ts';
import { onceForEach } from '../util/once-for-each.ts';
import { fail } from '../util/result.ts';
import {
  type CallOptions,
  createCachedPull,
  type PullSettings,
  type RegistryCalls,
  type RegistryEvent,
} from './cache/cached-pull.ts';
import { findMirrorCredentials, type InstallCredentials } from './mirror-credentials.ts';
import { describeLookupProblem, type LookupProblem } from './problem.ts';
import { type Failure, tryInTurn } from './try-credentials.ts';
import { readWantedPlatforms } from './wanted-platforms.ts';

export type LookupSettings = PullSettings & {
  /** Milliseconds that a lookup may take, over everything. */
  timeoutMilliseconds: number;
  /** The platforms of the cluster's nodes, for pods that do not choose; any Linux if empty. */
  platforms: readonly Platform[];
};

/** The credentials that a pod may be pulled with, and a sentence for each Secret that gave none. */
export type PodCredentials = { entries: readonly ConfigEntry[]; problems: readonly string[] };

/** Which pod's credentials, and for which image. `isTemplate`: the API server has filled in no defaults yet. */
export type CredentialRequest = { pod: Pod; namespace: string; reference: Reference; isTemplate: boolean };

/** How a lookup ended: from the cache, from the cache after the registry confirmed it, from the registry, or with a problem. */
type LookupEvent = {
  /** Missing if the image's name is invalid. */
  registry?: string;
  outcome: 'cached' | 'current' | 'pulled' | 'invalid-reference' | LookupProblem['kind'];
  milliseconds: number;
};

export type LookupDeps = InstallCredentials & {
  client: RegistryClient;
  /** Called for each lookup, so it should have a cache. It ends with its signal. */
  credentialsOf: (request: CredentialRequest, signal: AbortSignal) => Promise<PodCredentials>;
  settings: LookupSettings;
  /** Milliseconds. */
  now: () => number;
  events: { answered: (event: LookupEvent) => void; asked: (event: RegistryEvent) => void };
};

/** @throws for bugs only */
export function createLookup(deps: LookupDeps): LookupImageConfig {
  const { settings, now, events } = deps;
  const find = createFind(deps);

  return async (image, pod, circumstances = {}) => {
    const {
      namespace = pod.metadata?.namespace ?? 'default',
      milliseconds = Infinity,
      isTemplate = false,
    } = circumstances;
    const began = now();
    const answered = (event: Omit<LookupEvent, 'milliseconds'>) =>
      events.answered({ ...event, milliseconds: now() - began });
    const parsed = parseReference(image);
    if (!parsed.ok) {
      answered({ outcome: 'invalid-reference' });
      return { found: false, problems: [parsed.problem] };
    }
    const reference = parsed.value;
    const deadline = startDeadline(Math.min(settings.timeoutMilliseconds, milliseconds));
    try {
      const always = isTemplate || pullsAlways(image, pod, reference);
      const answer = await find({ reference, pod, namespace, isTemplate, always, deadline });
      const { registry } = reference;
      answered({ registry, outcome: answer.ok ? answer.value.outcome : answer.problem.main.kind });
      if (!answer.ok) return { found: false, problems: listSentences(answer.problem) };
      const { digest, entrypoint, cmd, stopSignal, platforms } = answer.value;
      return { found: true, digest, entrypoint, cmd, ...(stopSignal && { stopSignal }), platforms };
    } finally {
      deadline.stop();
    }
  };
}

// --- internal ---

type Wanted = CredentialRequest & { always: boolean; deadline: Deadline };

function createFind({ client, credentialsOf, settings, now, events, ...install }: LookupDeps) {
  const withMirrors = async (reference: Reference, options: CallOptions) => ({
    ...options,
    client: client.onBehalfOf(options.namespace),
    mirrorCredential: await findMirrorCredentials(reference, client.settings, install, options.deadline),
  });
  const registries: RegistryCalls = {
    pull: async (reference, { platforms, ...options }) =>
      pullImageConfig(reference, { ...(await withMirrors(reference, options)), platforms }),
    resolve: async (reference, options) => resolveDigest(reference, await withMirrors(reference, options)),
  };
  const platformsOf = onceForEach((spec: Pod['spec']) => readWantedPlatforms(spec, settings.platforms));
  const sourcesFor = shareSources(install.sources);
  const pullOf = createCachedPull(registries, settings, now, events.asked);

  return async ({ always, deadline, ...question }: Wanted) => {
    const { namespace, reference, pod } = question;
    const { entries, problems } =
      (await unlessAborted(credentialsOf(question, deadline.signal), deadline.signal)) ?? noCredentials;
    const given = [...selectCredentials(reference, entries), ...selectCredentials(reference, install.defaultEntries())];
    const platforms = platformsOf(pod.spec);
    const attempt = (credential: Credential | undefined) => {
      const { recall, ask } = pullOf({ namespace, reference, credential, platforms, always });
      return { recall, ask: () => ask(deadline) };
    };
    const answer = await tryInTurn(reference.registry, { given, sources: sourcesFor(namespace) }, attempt, deadline);
    if (answer.ok) return answer;
    return fail({ ...answer.problem, others: [...problems, ...answer.problem.others] });
  };
}

const noCredentials: PodCredentials = { entries: [], problems: ['its pull secrets could not be read in time'] };

/** @see https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/apis/core/v1/defaults.go for a container without a policy */
function pullsAlways(image: string, { spec }: Pod, { tag }: Reference): boolean {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])].filter((each) => each.image === image);
  const policies = containers.map(({ imagePullPolicy }) => imagePullPolicy || (tag === 'latest' ? 'Always' : ''));
  return policies.includes('Always');
}

const listSentences = ({ main, others }: Failure) => [describeLookupProblem(main), ...others.slice(0, 3)];
