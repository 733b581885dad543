/** A stand-in cluster whose pods end when their proxies are asked to, and that can be told to misbehave. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ApiServer, refusal, sendJson, startApiServer } from '../kubernetes/api-server.ts';
import {
  acceptChannels,
  answerPosts,
  httpAnswer,
  refuseUpgrade,
  type ServerChannels,
} from '../kubernetes/streams/channels.ts';
import { exited, type hungPod } from './pods.ts';

type PodObject = ReturnType<typeof hungPod>;

type Asked = { pod: string; by: 'portforward' | 'exec'; what: string };

export type Behavior = {
  /** A status, and perhaps what it says, instead of an answer to what it is asked. */
  refuse?: (request: string) => { status: number; message?: string } | undefined;
  /** Called before each connection to a pod. */
  onConnect?: (pod: PodObject) => void;
  /** Takes the connection to a port of a pod, instead of the proxy. */
  takePort?: (pod: PodObject, channels: ServerChannels) => void;
  /** What the API server says of the end of a program that was run in a container, if the pod does not end by it. */
  execStatus?: object;
  /** The namespaces' labels. */
  namespaces?: Record<string, Record<string, string>>;
  /** The containers in the templates of Jobs. */
  templates?: Record<string, string[]>;
  /** The defaults of an installation, as JSON. */
  defaults?: string;
  /** Installations in mode cluster, by their namespaces: each has these defaults, and is for this namespace only. */
  installations?: Record<string, { defaults: string; of: string }>;
};

export type Cluster = ApiServer & {
  pods: Map<string, PodObject>;
  /** What was asked of pods, in its order. */
  asked: Asked[];
  /** Ends a pod as the kubelet would. */
  end: (pod: PodObject) => void;
};

export async function startCluster(objects: readonly PodObject[], behavior: Behavior = {}): Promise<Cluster> {
  const {
    refuse = () => undefined,
    onConnect = () => {},
    takePort,
    execStatus,
    namespaces = { shop: {} },
    templates = {},
  } = behavior;
  const pods = new Map(objects.map((pod) => [pod.metadata.name, pod]));
  const asked: Asked[] = [];
  const end = (pod: PodObject) => {
    const statuses = pod.status.containerStatuses as ReturnType<typeof exited>[];
    const codes = statuses.map(({ state }) => state.terminated?.exitCode ?? 0);
    pod.status.phase = codes.some((code) => code !== 0) ? 'Failed' : 'Succeeded';
    pod.status.containerStatuses = statuses.map((each, i) => exited(each.name, codes[i]));
  };

  const takeUpgrade = (request: IncomingMessage, socket: Duplex) => {
    const url = new URL(`http://_${request.url}`);
    const [, namespace, name = '', by] = /namespaces\/([^/]+)\/pods\/([^/]+)\/(\w+)$/.exec(url.pathname) ?? [];
    const refused = refuse(`${by} ${namespace}`);
    if (refused) return refuseUpgrade(socket, refused.status, refusal(refused.status, refused.message ?? 'no'));
    const pod = pods.get(name);
    if (!pod) return refuseUpgrade(socket, 404, refusal(404, 'not found'));
    onConnect(pod);
    const channels = acceptChannels(request, socket);
    const command = url.searchParams.getAll('command').join(' ');
    if (by === 'exec') {
      asked.push({ pod: name, by, what: command });
      if (!execStatus) end(pod);
      return channels.send(3, JSON.stringify(execStatus ?? { status: 'Success' }));
    }
    if (takePort) return takePort(pod, channels);
    const port = Number(url.searchParams.get('ports'));
    return answerPosts(channels, port, (path) => {
      asked.push({ pod: name, by: 'portforward', what: `:${port}${path}` });
      if (path === '/quitquitquit') end(pod);
      return httpAnswer(200);
    });
  };

  /** @param selector of Jobs: each has the label `team`, with its own name */
  const answer = (path: string, selector: string): object | undefined => {
    const [, namespace, resource, name = ''] =
      /^\/(?:api|apis\/[\w.]+)\/v1(?:\/namespaces\/([^/]+))?\/([a-z]+)(?:\/([^/]+))?$/.exec(path) ?? [];
    const found = [...pods.values()].filter(({ metadata }) => [undefined, metadata.namespace].includes(namespace));
    if (resource === 'namespaces') return findNamespaces(namespaces, name);
    if (resource === 'pods') return name === '' ? listOf(found) : pods.get(name);
    if (resource === 'jobs') return answerJobs(found, name, selector, templates);
    return findInstalled(behavior, resource, namespace);
  };

  const server = await startApiServer(({ url, method }, response) => {
    const { pathname, searchParams } = new URL(`http://_${url}`);
    const refused = refuse(`${method} ${pathname}`);
    if (refused) return sendJson(response, refused.status, refusal(refused.status, refused.message ?? 'no'));
    const found = answer(pathname, searchParams.get('labelSelector') ?? '');
    return found ? sendJson(response, 200, found) : sendJson(response, 404, refusal(404, 'not found'));
  }, takeUpgrade);
  return { ...server, pods, asked, end };
}

// --- internal ---

function findInstalled({ defaults, installations }: Behavior, resource = '', namespace?: string): object | undefined {
  if (resource === 'mutatingwebhookconfigurations')
    return installations && listOf(Object.entries(installations).map(([at, { of }]) => configurationOf(at, of)));
  if (resource !== 'deployments') return undefined;
  const one = namespace === undefined ? undefined : installations?.[namespace];
  if (namespace !== undefined) return one && installed(one.defaults);
  return listOf(defaults === undefined ? [] : [installed(defaults)]);
}

function findNamespaces(namespaces: Record<string, Record<string, string>>, name: string): object | undefined {
  const all = Object.entries(namespaces).map(([each, labels]) => ({ metadata: { name: each, labels } }));
  return name === '' ? listOf(all) : all.find(({ metadata }) => metadata.name === name);
}

function answerJobs(
  pods: readonly PodObject[],
  name: string,
  selector: string,
  templates: Record<string, string[]>,
): object | undefined {
  if (name !== '') return jobOf(name, pods, templates[name]);
  const names = new Set(pods.flatMap(({ metadata }) => metadata.ownerReferences.map((owner) => owner.name)));
  return listOf(
    [...names]
      .filter((each) => selector === '' || selector === `team=${each}`)
      .flatMap((each) => jobOf(`${each}`, pods, templates[`${each}`]) ?? []),
  );
}

const installed = (defaults: string) => ({
  metadata: { name: 'clockout', namespace: 'clockout' },
  spec: { template: { spec: { containers: [{ env: [{ name: 'CLOCKOUT_DEFAULTS', value: defaults }] }] } } },
});

const configurationOf = (at: string, of: string) => ({
  metadata: { name: `zz-${at}` },
  webhooks: [
    {
      name: 'namespace.clockout.dev',
      rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
      clientConfig: { service: { namespace: at, name: 'clockout', path: '/mutate' } },
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': of } },
    },
  ],
});

const listOf = (items: readonly object[]) => ({ kind: 'List', metadata: {}, items });

function jobOf(name: string, pods: readonly PodObject[], containers?: string[]): object | undefined {
  const own = pods.filter(({ metadata }) => metadata.ownerReferences.some((owner) => owner.name === name));
  if (own.length === 0) return undefined;
  const isOver = own.every(({ status }) => status.phase !== 'Running');
  const hasFailed = own.some(({ status }) => status.phase === 'Failed');
  const condition = hasFailed ? { type: 'Failed', reason: 'BackoffLimitExceeded' } : { type: 'Complete' };
  return {
    metadata: { name, uid: `uid-of-${name}` },
    ...(containers && { spec: { template: { spec: { containers: containers.map((each) => ({ name: each })) } } } }),
    status: { active: isOver ? 0 : own.length, conditions: isOver ? [{ ...condition, status: 'True' }] : [] },
  };
}
