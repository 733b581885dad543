/** What a pod's image runs, from the image's registry. This is the only file that names every step. */
import type { LookupImageConfig } from '../entrypoint/resolve.ts';
import type { RegistryClient } from '../oci/client.ts';
import type { Credential } from '../oci/credentials/credential.ts';
import { type ConfigEntry, credentialsFor } from '../oci/credentials/docker-config.ts';
import { shareSources } from '../oci/credentials/share-sources.ts';
import type { Platform } from '../oci/platform.ts';
import { pullImageConfig, resolveDigest } from '../oci/pull-config.ts';
import { parseReference, type Reference } from '../oci/reference.ts';
import type { Pod } from '../pod/schema.ts';
import type { Budget } from '../util/budget.ts';
import { startDeadline } from '../util/deadline.ts';
import { onceForEach } from '../util/once-for-each.ts';
import { unlessAborted } from '../util/unless-aborted.ts';
import {
  type CallOptions,
  makeCachedPull,
  type PullSettings,
  type RegistryCalls,
  type RegistryEvent,
} from './cache/cached-pull.ts';
import { describeLookupProblem, type LookupProblem } from './lookup-problem.ts';
import { findMirrorCredentials, type InstallCredentials } from './mirror-credentials.ts';
import { askInTurn } from './try-credentials.ts';
import { wantedPlatforms } from './wanted-platforms.ts';

export type LookupSettings = PullSettings & {
  /** Milliseconds that a lookup may take, over everything. */
  budgetMilliseconds: number;
  /** What the cluster's nodes are, for pods that don't say; any Linux if there is none. */
  platforms: readonly Platform[];
};

/** The credentials that a pod may be pulled with, and a sentence for each Secret that gave none. */
export type PodCredentials = { entries: readonly ConfigEntry[]; problems: readonly string[] };

/** Whose credentials, and for which image. `isTemplate`: what a pod will be made of; nothing was filled in yet. */
export type CredentialQuestion = { pod: Pod; namespace: string; reference: Reference; isTemplate: boolean };

/** What a pod was told, and how that came: from the cache, as the cache was current, from the registry, or not at all. */
type LookupEvent = {
  /** Missing where the image has no valid name. */
  registry?: string;
  outcome: 'cached' | 'current' | 'pulled' | 'invalid-reference' | LookupProblem['kind'];
  milliseconds: number;
};

export type LookupDeps = InstallCredentials & {
  client: RegistryClient;
  /** Asked at each lookup, so it should know most answers itself. It ends with its signal. */
  credentialsOf: (question: CredentialQuestion, signal: AbortSignal) => Promise<PodCredentials>;
  settings: LookupSettings;
  /** Milliseconds. */
  now: () => number;
  events: { answered: (event: LookupEvent) => void; asked: (event: RegistryEvent) => void };
};

/** @throws for bugs only */
export function makeLookup(deps: LookupDeps): LookupImageConfig {
  const { settings, now, events } = deps;
  const find = makeFind(deps);

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
    const { reference } = parsed;
    const budget = startDeadline(Math.min(settings.budgetMilliseconds, milliseconds));
    try {
      const always = isTemplate || pullsAlways(image, pod, reference);
      const answer = await find({ reference, pod, namespace, isTemplate, always, budget });
      answered({ registry: reference.registry, outcome: answer.ok ? answer.outcome : answer.problem.kind });
      if (!answer.ok) return { found: false, problems: sentencesOf(answer.problem, answer.besides) };
      const { digest, entrypoint, cmd, stopSignal, platforms } = answer;
      return { found: true, digest, entrypoint, cmd, ...(stopSignal && { stopSignal }), platforms };
    } finally {
      budget.stop();
    }
  };
}

// --- internal ---

type Wanted = CredentialQuestion & { always: boolean; budget: Budget };

function makeFind({ client, credentialsOf, settings, now, events, ...install }: LookupDeps) {
  const withMirrors = async (reference: Reference, options: CallOptions) => ({
    ...options,
    client: client.onBehalfOf(options.namespace),
    mirrorCredential: await findMirrorCredentials(reference, client.settings, install, options.budget),
  });
  const registries: RegistryCalls = {
    pull: async (reference, { platforms, ...options }) =>
      pullImageConfig(reference, { ...(await withMirrors(reference, options)), platforms }),
    resolve: async (reference, options) => resolveDigest(reference, await withMirrors(reference, options)),
  };
  const platformsOf = onceForEach((spec: Pod['spec']) => wantedPlatforms(spec, settings.platforms));
  const sourcesFor = shareSources(install.sources);
  const pullOf = makeCachedPull(registries, settings, now, events.asked);

  return async ({ always, budget, ...question }: Wanted) => {
    const { namespace, reference, pod } = question;
    const { entries, problems } =
      (await unlessAborted(credentialsOf(question, budget.signal), budget.signal)) ?? noCredentials;
    const given = [...credentialsFor(reference, entries), ...credentialsFor(reference, install.defaultEntries())];
    const platforms = platformsOf(pod.spec);
    const attempt = (credential: Credential | undefined) => {
      const { recall, ask } = pullOf({ namespace, reference, credential, platforms, always });
      return { recall, ask: () => ask(budget) };
    };
    const answer = await askInTurn(reference.registry, { given, sources: sourcesFor(namespace) }, attempt, budget);
    return answer.ok ? answer : { ...answer, besides: [...problems, ...answer.besides] };
  };
}

const noCredentials: PodCredentials = { entries: [], problems: ['its pull secrets could not be read in time'] };

/** @see https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/apis/core/v1/defaults.go for a container without a policy */
function pullsAlways(image: string, { spec }: Pod, { tag }: Reference): boolean {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])].filter((each) => each.image === image);
  const policies = containers.map(({ imagePullPolicy }) => imagePullPolicy || (tag === 'latest' ? 'Always' : ''));
  return policies.includes('Always');
}

/** Of what went wrong beside it, enough to go on with. */
const sentencesOf = (problem: LookupProblem, besides: readonly string[]) => [
  describeLookupProblem(problem),
  ...besides.slice(0, 3),
];
