/** Reads what the checks look at. What cannot be read is a value, too: the checks say what is missing. */
import type { KubeConfig } from '@kubernetes/client-node';
import type { Api, KubeObject } from '../../kubernetes/api/api.ts';
import { readKubeletMinor } from '../../kubernetes/minor-version.ts';
import { readLabels } from '../../mesh/label-selector.ts';
import type { Called } from '../../util/called.ts';
import { findValue, textAt } from '../../util/find-value.ts';
import { inParallel } from '../../util/parallel.ts';
import { fail, mapValue, ok } from '../../util/result.ts';
import type {
  Configuration,
  Facts,
  ImageFacts,
  Installation,
  Known,
  NamespaceFacts,
  NodeProbe,
  ServiceName,
} from '../facts.ts';
import { asksIstio, isClockouts, keyOf, listServices, readConfiguration } from '../read/configuration.ts';
import { isBeingDeleted, readNode, readNodeAddresses } from '../read/workloads.ts';
import { readImage } from './image.ts';
import { listAll, type Reading, readInstallation } from './installation.ts';
import { askProbes } from './probes.ts';
import { askRights, listInstallRights } from './rights.ts';

export type GatherOptions = {
  api: Api;
  config: KubeConfig;
  now: number;
  version: string;
  isBefore: boolean;
  called: Called;
  /** Of the installation; undefined: any. */
  namespace: string | undefined;
  inside: Reading['inside'];
  /** Where no installation says which image it is. */
  defaultImage: string;
  /** Asks the registry of an image; undefined: it is not asked. */
  lookUp: ((reference: string) => Promise<ImageFacts['answer']>) | undefined;
  /** Tries nodes, by name; undefined: it does not. */
  probeNodes: ((nodes: readonly string[], image: WrapperImage) => Promise<NodeProbe[]>) | undefined;
};

type WrapperImage = { reference: string; pullPolicy: string | undefined; namespace: string };

export async function gatherFacts(options: GatherOptions): Promise<Facts> {
  const { api, config, now, version, isBefore, called, inside, lookUp, probeNodes } = options;
  const [apiServer, nodes, namespaces, configurations] = await Promise.all([
    api.getPath('/version'),
    listAll(
      api,
      { resource: 'nodes' },
      { read: (node) => ({ ...readNode(node), addresses: readNodeAddresses(node) }) },
    ),
    listAll(api, { resource: 'namespaces' }, { read: readNamespace }),
    listAll(api, target, { read: readConfiguration }),
  ]);
  const own = configurations.ok ? configurations.value.filter(isClockouts) : await readOwn(api, inside?.env ?? {});
  const services = await findServices(api, own);
  const chosen = isBefore ? undefined : (choose(services, options.namespace) ?? inside?.service);
  const callsIt = (each: Configuration) =>
    chosen !== undefined &&
    (each.count === 0 || listServices(each).some((service) => keyOf(service) === keyOf(chosen)));
  const installation =
    chosen && (await readInstallation(chosen, own.filter(callsIt), { api, config, namespaces, nodes, inside }));
  const wrapper = readWrapperImage(options, installation);
  const probes = await askProbes(api, {
    configurations,
    namespaces,
    installation,
    minor: apiServer.ok ? (readKubeletMinor(textAt(apiServer.value, 'gitVersion') ?? '') ?? 0) : 0,
  });
  const ready = nodes.ok ? nodes.value.filter(({ os, isReady }) => os === 'linux' && isReady) : [];
  const names = ready.map(({ name }) => name);
  const pullPolicy = wrapper.ok ? wrapper.value.pullPolicy : undefined;
  const in_ = chosen?.namespace ?? options.namespace ?? 'default';
  const nodeProbes = wrapper.ok
    ? await probeNodes?.(names, { ...wrapper.value, namespace: in_ })
    : probeNodes && names.map((node) => ({ node, outcome: fail({ isSure: false, message: wrapper.problem.message }) }));
  return {
    now,
    version,
    isBefore,
    namespace: options.namespace,
    apiServer: mapValue(apiServer, (answer) => textAt(answer, 'gitVersion') ?? ''),
    called,
    nodes,
    namespaces,
    configurations,
    installation,
    missingServices: services.filter(({ isThere }) => !isThere),
    installRights: isBefore
      ? await askRights(api, undefined, listInstallRights(options.namespace ?? 'clockout'))
      : undefined,
    image: await readImage(
      api,
      mapValue(wrapper, ({ reference }) => reference),
      pullPolicy,
      nodes,
      lookUp,
    ),
    probes,
    nodeProbes,
  };
}

// --- internal ---

/** As the installation sets it; without one, the default. */
function readWrapperImage(
  { inside, defaultImage }: GatherOptions,
  installation: Installation | undefined,
): Known<Omit<WrapperImage, 'namespace'>> {
  const env = inside
    ? ok(inside.env)
    : installation
      ? mapValue(installation.deployment, (found) => found?.env ?? {})
      : ok({});
  return mapValue(env, (variables: Readonly<Record<string, string | undefined>>) => ({
    reference: variables.CLOCKOUT_WRAPPER_IMAGE ?? defaultImage,
    pullPolicy: variables.CLOCKOUT_WRAPPER_PULL_POLICY,
  }));
}

const readNamespace = (object: KubeObject): NamespaceFacts | undefined =>
  isBeingDeleted(object)
    ? undefined
    : {
        name: textAt(object, 'metadata', 'name') ?? '',
        labels: readLabels(findValue(object, 'metadata', 'labels')),
      };

const target = { group: 'admissionregistration.k8s.io', resource: 'mutatingwebhookconfigurations' };

/** Inside of a replica, which may not list them, its own ones. */
async function readOwn(api: Api, env: Readonly<Record<string, string | undefined>>): Promise<Configuration[]> {
  const names = [env.CLOCKOUT_WEBHOOK_CONFIGURATION, env.CLOCKOUT_ASK_ISTIO_CONFIGURATION].filter((name) => name);
  const read = await Promise.all(names.map((name) => api.get({ ...target, name: `${name}` })));
  return read.flatMap((each) => (each.ok ? (readConfiguration(each.value) ?? []) : []));
}

type FoundService = ServiceName & { isThere: boolean };

/** The Services that the configurations name; of those that are turned off, the one of the same release. */
async function findServices(api: Api, own: readonly Configuration[]): Promise<FoundService[]> {
  const named = [
    ...new Map(
      own
        .filter((each) => !asksIstio(each))
        .flatMap(listServices)
        .map((each) => [keyOf(each), each]),
    ).values(),
  ];
  const found = await inParallel(named, 4, async ({ namespace, name }) => {
    const service = await api.get({ resource: 'services', namespace, name });
    // Without the right to look, it is taken to be there.
    return ok({ namespace, name, isThere: service.ok || service.problem.kind !== 'missing' });
  });
  if (named.length > 0 || own.length === 0) return found.ok ? found.value : [];
  const release = own[0]?.labels['app.kubernetes.io/instance'] ?? 'clockout';
  const labelSelector = `app.kubernetes.io/part-of=clockout,app.kubernetes.io/instance=${release}`;
  const listed = await listAll(
    api,
    { resource: 'services' },
    {
      labelSelector,
      read: (service) => ({
        namespace: textAt(service, 'metadata', 'namespace') ?? '',
        name: textAt(service, 'metadata', 'name') ?? '',
        isThere: true,
      }),
    },
  );
  return listed.ok ? listed.value : [];
}

const choose = (services: readonly FoundService[], namespace: string | undefined): ServiceName | undefined => {
  const there = services.filter(({ isThere }) => isThere);
  const found = namespace === undefined ? there[0] : there.find((each) => each.namespace === namespace);
  return found && { namespace: found.namespace, name: found.name };
};
