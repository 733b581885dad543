/** What an audit keeps of a pod. Pure. */
import { decodePod } from '../admission/decode-pod.ts';
import { billionth, parseQuantity } from '../inject/quantity.ts';
import { describeLivePod, graceOf, type Live } from '../live-status/pod-state.ts';
import { readTime } from '../live-status/times.ts';
import { listUnknown } from '../live-status/unknown-containers.ts';
import { findInstallationOf } from '../mesh/installations.ts';
import type { Facts } from '../pod/facts.ts';
import { proxyContainerName } from '../pod/names.ts';
import { isWrapped } from '../pod/own-parts.ts';
import { isJobPod } from '../pod/owner.ts';
import type { Container, Pod } from '../pod/schema.ts';
import { findValue, listAt } from '../util/find-value.ts';
import { isObject } from '../util/json-object.ts';
import { fail, type Result } from '../util/result.ts';
import { shortened } from '../util/text.ts';
import { asSeen } from './expect-sidecar.ts';
import { type Judged, judgePod, readFacts } from './job-fate.ts';
import { readText } from './read-text.ts';
import { findOwner, type Surrounding } from './records.ts';

/** A classic sidecar that the Job's own template does not have. */
type Injected = {
  name: string;
  /** Its repository, without registry, tag and digest. */
  image: string;
  /** Who ends it in this pod. */
  ended: 'clockout' | 'itself' | 'nobody';
};

export type PodState = Live['state'] | 'backoff';

export type PodRecord = {
  namespace: string;
  name: string;
  /** The Job that it belongs to. */
  job?: string;
  state: PodState;
  judged: Judged;
  /** When it was created, in milliseconds since 1970. */
  created: number;
  injected: readonly Injected[];
  /** Of one that hangs. */
  hang?: Hang;
  /** What is wrong with it, if it cannot be judged. */
  problem?: string;
};

export type Hang = {
  /** When the last of its apps ended, in milliseconds since 1970. */
  since: number;
  /** Of the first app that failed; 0 if none did. */
  code: number;
  /** What still runs. */
  sidecars: readonly string[];
  /** What these containers request, in CPUs and bytes. */
  cpu: number;
  memory: number;
};

/**
 * @param containersOf the names of the containers in the template of a Job, if it is known
 * @returns undefined for a pod that is to run forever, and for one without a name
 */
export function readPod(
  object: unknown,
  around: Surrounding,
  containersOf: (namespace: string, job: string) => readonly string[] | undefined,
): PodRecord | undefined {
  const [name, namespace] = [readText(object, 'metadata', 'name'), readText(object, 'metadata', 'namespace')];
  const restartPolicy = findValue(object, 'spec', 'restartPolicy') ?? 'Always';
  if (!name || !namespace || (isObject(findValue(object, 'spec')) && restartPolicy === 'Always')) return undefined;
  const created = readTime(findValue(object, 'metadata', 'creationTimestamp')) ?? 0;
  const decoded = decodeLive(object);
  if (!decoded.ok) {
    const job = findOwner(object, 'Job');
    const own = { namespace, name, ...(job !== undefined && { job }), state: 'pending' as const, created };
    return { ...own, judged: unjudged, injected: [], problem: decoded.problem };
  }
  const { metadata } = decoded.value;
  const labels = around.namespaces?.get(namespace);
  const seen = asSeen({ labels: metadata?.labels ?? {} }, namespace, labels);
  const surroundings = {
    installation: findInstallationOf(around.installations, seen, isJobPod(metadata)),
    isRead: around.mesh.webhooks !== undefined,
    name: namespace,
    namespace: labels,
    annotations: around.annotations.get(namespace),
  };
  const facts = readFacts(decoded.value, surroundings);
  const job = isJobPod(facts.metadata) ? findJob(object) : undefined;
  const own = job === undefined ? undefined : containersOf(namespace, job);
  const unknown = own ? listUnknown(facts, own) : [];
  const state = readState(object, facts, unknown, around.now);
  const hang = state === 'hangs' ? readHang(object, facts, unknown) : undefined;
  return {
    namespace,
    name,
    ...(job !== undefined && { job }),
    state,
    judged: judgePod(facts, unknown, surroundings),
    created,
    injected: own ? findInjected(facts, own, unknown) : [],
    ...(hang && { hang }),
  };
}

// --- internal ---

/** The API server gives each pod a phase. */
function decodeLive(object: unknown): Result<Pod, string> {
  const phase = findValue(object, 'status', 'phase');
  if (typeof phase === 'string') return decodePod(object);
  return fail(`/status/phase must be a string; found ${phase === undefined ? 'nothing' : typeof phase}`);
}

const unjudged: Judged = { fate: 'outside', keepers: [], images: [] };

const findJob = (object: unknown): string | undefined =>
  findOwner(object, 'Job') ??
  readText(object, 'metadata', 'labels', 'batch.kubernetes.io/job-name') ??
  readText(object, 'metadata', 'labels', 'job-name');

function findInjected({ spec, sidecars }: Facts, own: readonly string[], unknown: readonly string[]): Injected[] {
  const isWrappedPod = spec.containers.some(isWrapped);
  return spec.containers
    .filter(({ name }) => name !== proxyContainerName && !own.includes(name))
    .flatMap(({ name, image }) => {
      const end = sidecars.find(({ container }) => container.name === name)?.end.by;
      if (end === undefined && !unknown.includes(name)) return [];
      const isEnded = isWrappedPod && (end === 'url' || end === 'term');
      const ended = end === 'itself' ? end : isEnded ? 'clockout' : 'nobody';
      return [{ name: shortened(name, 63), image: shortened(repositoryOf(image ?? ''), 100), ended } as const];
    });
}

/** `team/agent` of `registry.example.com:5000/team/agent:1@sha256:…` */
function repositoryOf(image: string): string {
  const [path = ''] = image.slice(0, 300).split('@', 1);
  const parts = path.split('/');
  const last = parts.pop()?.split(':', 1)[0] ?? '';
  const isHost = /[.:]|^localhost$/.test(parts[0] ?? '');
  return [...(isHost ? parts.slice(1) : parts), last].join('/');
}

function readState(object: unknown, facts: Facts, unknown: readonly string[], now: number): PodState {
  const apps = facts.apps
    .filter(({ container }) => !unknown.includes(container.name))
    .map(({ container: { name, restartPolicyRules }, restartPolicy }) => ({ name, restartPolicyRules, restartPolicy }));
  const live = describeLivePod(object, { apps, grace: findGrace(facts) }, now);
  if (live?.state === 'runs' && apps.some(({ name }) => isInBackoff(object, name))) return 'backoff';
  return live?.state ?? 'pending';
}

/** Seconds that sidecars have to exit in. Apps may end them without Clockout, and a proxy drains for some seconds. */
function findGrace({ spec, options }: Facts): number {
  if (!spec.containers.some(isWrapped)) return usualDrain;
  const { quit, 'quit-timeout': timeout, 'quit-delay': delay } = options;
  return graceOf(quit === 'never' ? quit : timeout / 1000, delay / 1000);
}

const usualDrain = 10;

const isInBackoff = (object: unknown, name: string): boolean =>
  readText(findStatus(object, name), 'state', 'waiting', 'reason') === 'CrashLoopBackOff';

const findStatus = (object: unknown, name: string): unknown =>
  listAt(object, 'status', 'containerStatuses').find((each) => readText(each, 'name') === name);

function readHang(object: unknown, { spec, apps }: Facts, unknown: readonly string[]): Hang {
  const own = apps.map(({ container }) => container.name).filter((name) => !unknown.includes(name));
  const ends = own.map((name) => findValue(findStatus(object, name), 'state', 'terminated'));
  const codes = ends.map((end) => findValue(end, 'exitCode')).filter((code) => typeof code === 'number');
  const left = spec.containers.filter(
    ({ name }) => !own.includes(name) && findValue(findStatus(object, name), 'state', 'running') !== undefined,
  );
  return {
    since: Math.max(0, ...ends.map((end) => readTime(findValue(end, 'finishedAt')) ?? 0)),
    code: codes.find((code) => code !== 0) ?? 0,
    sidecars: left.map(({ name }) => shortened(name, 63)).slice(0, 10),
    cpu: sumRequests(left, 'cpu'),
    memory: sumRequests(left, 'memory'),
  };
}

const sumRequests = (containers: readonly Container[], of: 'cpu' | 'memory'): number =>
  Number(containers.reduce((sum, { resources }) => sum + (parseQuantity(resources?.requests?.[of] ?? 0) ?? 0n), 0n)) *
  billionth;
