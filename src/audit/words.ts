/** How an audit calls what it finds, and what to do about it. Pure. */
import { reasons } from '../decide/reasons.ts';
import { listed, shortened } from '../util/text.ts';
import type { InstallationFound } from './installation.ts';
import type { Because } from './job-fate.ts';
import type { Fate, Now, Row } from './rows.ts';

/** A column of a table has room for so much, and a legend for the sentence. */
export const fates: Record<Fate, { word: string; meaning: string }> = {
  hangs: { word: 'hangs', meaning: 'its apps have ended, and a sidecar still runs' },
  refused: { word: 'refused', meaning: 'the API server refuses its pods' },
  stripped: {
    word: 'stripped',
    meaning: 'its native sidecar has lost restartPolicy: Always, so its apps do not start',
  },
  'would-hang': { word: 'would hang', meaning: 'a sidecar will keep it running when its apps have ended' },
  unwrappable: { word: 'cannot wrap', meaning: 'it would hang, and Clockout cannot change its pods' },
  unreadable: { word: 'not readable', meaning: 'its pod is not as Kubernetes documents it' },
  'opted-out': {
    word: 'opted out',
    meaning: 'Clockout is turned off for it: it hangs unless its app ends the sidecar',
  },
  wrapped: { word: 'wrapped', meaning: 'Clockout ends its sidecars' },
  native: { word: 'native', meaning: 'Kubernetes ends its sidecars' },
  ambient: { word: 'ambient', meaning: 'it is in the mesh without a sidecar' },
  outside: { word: 'no sidecar', meaning: 'it has no sidecar that has to be ended' },
  finished: { word: 'finished', meaning: 'it will not run again' },
};

export const nowWords: Record<Now, string> = {
  pending: 'waiting',
  runs: 'runs',
  hangs: 'hangs',
  ending: 'ending',
  finished: 'finished',
  backoff: 'backoff',
  suspended: 'suspended',
  active: 'active',
  idle: 'no pod',
};

/** What follows "Clockout is". @param known whether the webhooks of the cluster were read */
export function describeInstallations(installations: readonly InstallationFound[], known: boolean): string | undefined {
  const [first, ...others] = installations;
  if (!first) return known ? 'not installed' : undefined;
  if (others.length === 0) return `installed: ${describeSettings(first)}`;
  const each = installations.map(
    (one) => `${shortened(`${one.namespace ?? ''}/${one.name ?? ''}`, 130)} (${describeSettings(one)})`,
  );
  return `installed ${installations.length} times: ${listed(each, 5).join(', ')}; each Job is judged by the one that its pods belong to`;
}

const describeSettings = ({ mode, strategy }: InstallationFound): string =>
  `mode ${mode}, strategy ${strategy ?? 'not known'}`;

/** A few words for a column; undefined if the fate says it all. */
export function describeBecause({
  because,
  message,
  fate,
}: Pick<Row, 'because' | 'message' | 'fate'>): string | undefined {
  if (message !== undefined) return shortened(message, 300);
  if (because === undefined) return undefined;
  if (because === 'no-sidecar' && fate !== 'outside') return causes['no-own-label'];
  return because in causes ? causes[because as keyof typeof causes] : because;
}

/** What the words of the column WHY mean, and what helps: a sentence for each that is there. */
export function adviseOn(because: Because, fate: Fate): string {
  if (because === 'no-sidecar' && fate !== 'outside') return advice['no-own-label'];
  return because in advice ? advice[because as keyof typeof advice] : reasons[because as keyof typeof reasons];
}

/** `100m`, `1.5` */
export function formatCpu(cpu: number): string {
  return cpu < 1 ? `${Math.round(cpu * 1000)}m` : `${Math.round(cpu * 10) / 10}`;
}

/** `128Mi`, `1.5Gi` */
export function formatMemory(bytes: number): string {
  const mebi = bytes / 1024 ** 2;
  return mebi < 1024 ? `${Math.round(mebi)}Mi` : `${Math.round(mebi / 102.4) / 10}Gi`;
}

/** `job/report`, as kubectl takes it. */
export const formatObject = ({ kind, name }: Pick<Row, 'kind' | 'name'>): string =>
  `${kind.toLowerCase()}/${shortened(name, 253)}`;

export const formatSidecars = ({ sidecars }: Pick<Row, 'sidecars'>): string =>
  listed(
    sidecars.map((each) => shortened(each, 63)),
    3,
  ).join(', ');

// --- internal ---

const causes = {
  'not-installed': 'Clockout is not installed',
  'not-known': 'not known',
  'not-opted-in': 'not opted in',
  missed: 'older than Clockout',
  observed: 'only observed',
  'unknown-sidecar': 'unknown sidecar',
  'unknown-end': 'cannot be ended',
  'quit-never': 'quit: never',
  'no-own-label': 'no label of its own',
  'opted-out': 'opted out',
  'not-a-job': 'not a Job',
  'no-entrypoint': 'no command known',
} as const;

const advice = {
  'not-installed':
    'nothing ends the sidecars. docs/install.md says how to install it, and --mode shows what it would change.',
  'not-known':
    'the webhooks of the cluster or the labels of its namespace could not be read, so Clockout may be called for it. The section NOT READ says why.',
  'not-opted-in':
    'neither the pod nor its namespace asks for Clockout. Opt in: kubectl label namespace NAMESPACE clockout.dev/inject=enabled',
  missed:
    'Clockout wraps such pods now, but did not wrap this one: it is older than Clockout or than the label of its namespace, or the webhook was not reached. Delete the pod or create its Job again.',
  observed:
    'Clockout only observes its namespace. Opt in: kubectl label namespace NAMESPACE clockout.dev/inject=enabled --overwrite',
  'unknown-sidecar':
    'another webhook adds a container that Clockout does not know. Name it in clockout.dev/sidecars, with strategy: native, or with its URL in clockout.dev/quit-urls.',
  'unknown-end': 'nothing in the pod can end this sidecar with its current settings. strategy: native ends it.',
  'quit-never': 'the annotation clockout.dev/quit: never forbids that Clockout ends the sidecars.',
  'no-own-label':
    'it has a sidecar, but not Istio\'s. Clockout ends it if the pod has the label clockout.dev/inject: "true".',
  'not-a-job': 'the pod belongs to no Job. Clockout ends its sidecars if it has the label clockout.dev/inject: "true".',
} as const;
