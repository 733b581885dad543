/**
 * Knows which versions of Kubernetes a cluster runs: that of its API server, and that of its oldest kubelet. Nothing reports when they
 * change, so this asks: for the nodes once a minute, and for the API server, whose version hardly ever changes, every ten minutes.
 *
 * A watch of the nodes would tell at once. But each kubelet reports its status every five minutes, which the watch sends as well:
 * for 5,000 nodes that is a thousand events a minute, and they are not packed. The list is a fraction of that, and no state.
 */

import type { KubeConfig } from '@kubernetes/client-node';
import type { ClusterVersions } from '../decide/cluster-versions.ts';
import { sleepUnlessAborted } from '../util/abort.ts';
import { explainError, readStatus } from './errors.ts';
import { readMinor } from './minor-version.ts';
import { type KnownNode, readOldestNode } from './oldest-node.ts';
import { streamAnswer } from './stream-answer.ts';

export type VersionEvents = {
  /** The API server has answered. */
  read: () => void;
  /** What is known is not what it was. `node` is the oldest one. */
  changed: (versions: ClusterVersions, node: { name: string; version: string } | undefined) => void;
  /** @param problem a sentence; what was known before is used for an hour */
  failed: (problem: string) => void;
};

export type FollowOptions = {
  /** Label selector of the nodes that count. Without it, no nodes are read. */
  nodes?: string;
  events: VersionEvents;
  /** In milliseconds. */
  now: () => number;
  /** Waits, or until the signal is aborted. */
  sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

export type FollowedVersions = {
  current: () => ClusterVersions;
  /** `awaited`: at the start, until the API server has answered each question once, or has taken too long. */
  state: () => 'awaited' | 'known' | 'unknown';
  stop: () => void;
};

/** Needs `list` on nodes, if they count. */
export function followClusterVersions(
  config: KubeConfig,
  { nodes, events, now, sleep = sleepUnlessAborted }: FollowOptions,
): FollowedVersions {
  const stopped = new AbortController();
  const apiServer = createFact<number>(now);
  const oldestNode = createFact<KnownNode>(now);

  const facts = nodes === undefined ? [apiServer] : [apiServer, oldestNode];
  const begun = now();

  const current = (): ClusterVersions => ({ apiServer: apiServer.value(), oldestNode: oldestNode.value()?.minor });
  const state = () => {
    if (now() - begun < patienceMilliseconds && !facts.every(({ isAnswered }) => isAnswered())) return 'awaited';
    return facts.every(({ value }) => value() !== undefined) ? 'known' : 'unknown';
  };

  const learn = async <T>(fact: Fact<T>, what: string, read: (signal: AbortSignal) => Promise<T | undefined>) => {
    const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(timeoutMilliseconds)]);
    try {
      fact.learn(await read(signal));
      events.read();
    } catch (error) {
      if (refusals.includes(readStatus(error) ?? 0)) fact.refuse();
      if (!stopped.signal.aborted) events.failed(explainError(what, error, remedy));
    }
  };

  const run = async () => {
    let told = '{}';
    while (!stopped.signal.aborted) {
      if (apiServer.age() >= versionMilliseconds) {
        await learn(apiServer, 'read its version', (signal) => readApiServer(config, signal));
      }
      if (nodes !== undefined) {
        await learn(oldestNode, 'list the nodes', (signal) => readOldestNode(config, { selector: nodes, signal }));
      }
      const versions = current();
      const text = JSON.stringify(versions);
      if (text !== told && !stopped.signal.aborted) events.changed(versions, oldestNode.value());
      told = text;
      // Replicas that started together do not ask together.
      const pause = state() === 'awaited' ? againMilliseconds : pollMilliseconds * (0.95 + Math.random() / 10);
      await sleep(pause, stopped.signal);
    }
  };
  void run();
  return { current, state, stop: () => stopped.abort() };
}

// --- internal ---

const pollMilliseconds = 60_000;
const versionMilliseconds = 10 * 60_000;

/** Between tries at the start, while the network of a new pod may not work yet. */
const againMilliseconds = 1000;

/** How long a replica waits for the first answer. A cluster that does not answer must not stop it from wrapping pods. */
const patienceMilliseconds = 10_000;

/** Answers by which a question is settled: the next try would get the same. */
const refusals: readonly number[] = [401, 403];

/** For all nodes of a large cluster. */
const timeoutMilliseconds = 20_000;

/** Without an answer for so long, a new pool of old nodes is likelier than not to have gone unseen. */
const keptMilliseconds = 60 * 60_000;

/** For the nodes: everybody may read the version. */
const remedy =
  'the chart gives it the right if Clockout decides by the nodes (strategy `auto`), unless `rbac.create` is false';

type Fact<T> = ReturnType<typeof createFact<T>>;

/** What was learned last, as long as it is not too old. */
function createFact<T>(now: () => number) {
  let known: { value: T | undefined; at: number } | undefined;
  let isRefused = false;
  const age = () => (known === undefined ? Number.POSITIVE_INFINITY : now() - known.at);
  return {
    age,
    isAnswered: () => known !== undefined || isRefused,
    refuse: (): void => {
      isRefused = true;
    },
    value: (): T | undefined => (age() < keptMilliseconds ? known?.value : undefined),
    learn: (value: T | undefined): void => {
      known = { value, at: now() };
    },
  };
}

const maxVersionBytes = 64 * 1024;

/** Everybody may read it. @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/#discovery-roles */
async function readApiServer(config: KubeConfig, signal: AbortSignal): Promise<number | undefined> {
  const question = { path: '/version', accept: 'application/json', maxBytes: maxVersionBytes, signal };
  const chunks: Uint8Array[] = [];
  for await (const chunk of streamAnswer(config, question)) chunks.push(chunk);
  const { major, minor }: { major?: unknown; minor?: unknown } = JSON.parse(Buffer.concat(chunks).toString());
  return readMinor({ major: `${major}`, minor: `${minor}` });
}
