/** What `clockout end` reads of a pod: whether it hangs, since when, and what would end it. Pure. */
import { decodePod } from '../admission/decode-pod.ts';
import { describeLivePod, graceOf, type Live } from '../live-status/pod-state.ts';
import { startsAgain } from '../live-status/restarts.ts';
import { listUnknown } from '../live-status/unknown-containers.ts';
import { findWays, type Way } from '../live-status/ways.ts';
import type { DefaultLevels } from '../pod/annotations/read-defaults.ts';
import { createFacts, type Facts } from '../pod/facts.ts';
import { isBatch, isJobPod } from '../pod/owner.ts';
import { findValue } from '../util/find-value.ts';
import { type Exit, listExits, listRunning } from './statuses.ts';

export type DefaultsOf = (pod: {
  namespace: string;
  labels: Readonly<Record<string, unknown>>;
  isJob: boolean;
}) => DefaultLevels;

export type PodState = {
  namespace: string;
  name: string;
  uid: string;
  /** The Job that controls it. */
  job: { name: string; uid: string } | undefined;
  state: Live['state'];
  sentence: string;
  /** The ended apps; all of them have ended if the pod hangs. */
  apps: Exit[];
  /** Of a pod that hangs: how its sidecars are ended, in this order; or why that is not possible. */
  ways: Way[];
  keeper?: string;
  /** Its own label clockout.dev/inject. */
  inject: string | null | undefined;
  /** The annotation by which its author wants its sidecars to go on after this end. */
  quit?: string;
};

export type PodContext = {
  /** What the installation sets that the pod belongs to. */
  defaultsOf?: DefaultsOf | undefined;
  /** The names of the containers in the template of its Job. A container that is not there does not keep its apps from having ended. */
  own?: readonly string[] | undefined;
};

/**
 * @param pod as the API server has it
 * @param now in milliseconds since 1970
 * @returns undefined for what is no pod of a cluster
 */
export function readPodState(pod: unknown, now: number, { defaultsOf, own }: PodContext = {}): PodState | undefined {
  const [namespace, name, uid] = ['namespace', 'name', 'uid'].map((key) => findValue(pod, 'metadata', key));
  if (typeof namespace !== 'string' || typeof name !== 'string' || typeof uid !== 'string') return undefined;
  const decoded = decodePod(pod);
  if (!decoded.ok) return undefined;
  const { metadata } = decoded.value;
  const defaults = defaultsOf?.({ namespace, labels: metadata?.labels ?? {}, isJob: isJobPod(metadata) });
  const facts = createFacts(decoded.value, undefined, defaults);
  const unknown = own ? listUnknown(facts, own) : [];
  const owned = facts.apps.filter(({ container }) => !unknown.includes(container.name));
  const known = owned.map(({ container: { name, restartPolicyRules }, restartPolicy }) => ({
    name,
    restartPolicyRules,
    restartPolicy,
  }));
  const live = describeLivePod(pod, { apps: known, grace: readGrace(facts) }, now);
  if (!live) return undefined;
  const names = new Set(known.map(({ name: app }) => app));
  const apps = listExits(pod).filter((exit) => names.has(exit.name));
  const about = { namespace, name, uid, job: findJob(pod), apps, inject: facts.inject };
  if (live.state !== 'hangs') return { ...about, state: live.state, sentence: live.sentence, ways: [] };
  const again = owned.find((app) => {
    const end = apps.find((each) => each.name === app.container.name);
    return end === undefined || startsAgain(app.container, app.restartPolicy, end.exitCode);
  });
  if (again) return { ...about, state: 'runs', sentence: 'the kubelet may start an app of it again', ways: [] };
  const quit = readQuit(facts, apps);
  const found = findWays(
    facts,
    listRunning(pod).filter((each) => !names.has(each)),
    unknown,
  );
  return { ...about, ...found, ...(quit && { quit }), state: 'hangs', sentence: live.sentence };
}

/** Milliseconds since 1970 at which the last app has ended; undefined if that is not known. */
export const hangsSince = ({ apps }: Pick<PodState, 'apps'>): number | undefined =>
  apps.reduce<number | undefined>(
    (last, { finishedAt }) => Math.max(last ?? 0, finishedAt ?? 0) || undefined,
    undefined,
  );

// --- internal ---

function findJob(pod: unknown): PodState['job'] {
  const owners = findValue(pod, 'metadata', 'ownerReferences');
  const owner = (Array.isArray(owners) ? owners : []).find((each) => findValue(each, 'controller') === true);
  const [kind, version, name, uid] = ['kind', 'apiVersion', 'name', 'uid'].map((key) => findValue(owner, key));
  const isJob = kind === 'Job' && isBatch(`${version}`) && typeof name === 'string' && typeof uid === 'string';
  return isJob ? { name, uid } : undefined;
}

/** Seconds in which Clockout ends a pod that it has wrapped; nothing else has to end it then. */
function readGrace({ apps, options }: Facts): number {
  if (!apps.some(({ wrapped }) => wrapped) || options.quit === 'never') return 0;
  return graceOf(options['quit-timeout'] / 1000, options['quit-delay'] / 1000);
}

function readQuit({ options: { quit } }: Facts, apps: readonly Exit[]): string | undefined {
  const isMeant = quit === 'never' || (quit === 'on-success' && apps.some(({ exitCode }) => exitCode !== 0));
  return isMeant ? `clockout.dev/quit: ${quit}` : undefined;
}
