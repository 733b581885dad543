/** Checks of the server: its replicas, and its Service. */
import { plural } from '../../util/count.ts';
import { shortened } from '../../util/text.ts';
import { type Check, type Finding, fault, fine, judge, unknown, warn } from '../check.ts';
import type { Installation, ServicePort } from '../facts.ts';

export const serverChecks: readonly Check[] = [
  {
    id: 'replicas',
    group: 'Server',
    when: 'after',
    about: 'The Deployment exists, all its replicas are ready, and each one says at `/readyz` that nothing is wrong.',
    remedy:
      'Look at the pods and their log: `kubectl logs -n clockout POD`. [Troubleshooting](troubleshooting.md) has the common messages.',
    needs: '`list` on `deployments` and `pods`, `create` on `pods/portforward`, in the namespace of Clockout',
    find: ({ installation }) =>
      installation && judge('the replicas', installation.deployment, () => findReplicas(installation)),
  },
  {
    id: 'service',
    group: 'Server',
    when: 'after',
    about:
      'The Service has the port that the webhook configuration names, and leads to the port at which the replicas listen.',
    remedy: 'Run `helm upgrade`, which repairs the Service. If the change was made on purpose, set `ports.webhook`.',
    needs: '`get` on `services`, `list` on `pods`, in the namespace of Clockout',
    find: ({ installation }) => installation && findService(installation),
  },
  {
    id: 'endpoints',
    group: 'Server',
    when: 'after',
    about: 'The Service has ready endpoints: its selector finds the replicas, and they are ready.',
    remedy:
      'If there are replicas, compare the selector of the Service with the labels of the pods. If the replicas are not ready, look at their log.',
    needs: '`list` on `endpointslices` in the namespace of Clockout',
    find: ({ installation }) =>
      installation &&
      judge('the endpoints of the Service', installation.endpoints, ({ ready, notReady }) => {
        if (ready > 0) return fine(`the Service has ${plural(ready, 'ready endpoint')}`);
        const advice =
          notReady > 0 ? 'Look at the log of the replicas.' : 'Compare its selector with the labels of the pods.';
        return fault(
          `the Service has no ready endpoints${notReady > 0 ? `, and ${notReady} that are not ready` : ''}`,
          advice,
        );
      }),
  },
];

// --- internal ---

function findReplicas({ deployment, pods, replicas, configurations, service }: Installation): Finding {
  const found = deployment.ok ? deployment.value : undefined;
  const fails = configurations.some(({ webhooks }) => webhooks.some(({ failurePolicy }) => failurePolicy === 'Fail'));
  const meanwhile = fails ? 'the API server refuses Job pods' : 'Job pods are admitted unchanged, and hang';
  const where = `in the namespace ${shortened(service.namespace, 63)}`;
  if (!found)
    return fault(
      `Clockout has no Deployment ${where}: ${meanwhile}`,
      'Run helm upgrade, or delete the webhook configuration.',
    );
  if (found.wanted === 0)
    return fault(
      `Clockout is scaled to 0 replicas: ${meanwhile}`,
      'Scale it up again.',
      scale(found.name, service.namespace),
    );
  const said = replicas.ok ? replicas.value.flatMap(({ readiness }) => (readiness.ok ? [readiness.value] : [])) : [];
  const reason =
    said.find(({ isReady }) => !isReady)?.says ??
    (pods.ok ? pods.value.flatMap(({ waiting }) => waiting ?? [])[0] : undefined);
  const why = reason === undefined ? '' : ` (${shortened(reason, 300)})`;
  const advice = 'Look at the log of the replicas.';
  const command = `kubectl logs -n ${shortened(service.namespace, 63)} deployment/${shortened(found.name, 253)}`;
  if (found.ready === 0) return fault(`no replica is ready: ${meanwhile}${why}`, advice, command);
  if (found.ready < found.wanted)
    return warn(`${found.ready} of ${plural(found.wanted, 'replica')} are ready${why}`, advice, command);
  const warning = said.find(({ says }) => says !== 'ok');
  if (warning) return warn(`a replica says: ${shortened(warning.says, 300)}`, advice, command);
  return fine(found.ready === 1 ? 'the replica is ready' : `${found.ready} of ${found.wanted} replicas are ready`);
}

const scale = (name: string, namespace: string) =>
  `kubectl scale deployment ${shortened(name, 253)} -n ${shortened(namespace, 63)} --replicas 2`;

function findService({ ports, pods, configurations }: Installation): Finding | undefined {
  if (!ports.ok) return unknown('the Service', ports.problem);
  const { value: open } = ports;
  const called = [
    ...new Set(configurations.flatMap(({ targets }) => targets.flatMap(({ service }) => service?.port ?? []))),
  ];
  // Another check says that there is no Service, or no webhook.
  if (open === undefined || called.length === 0) return undefined;
  const listening = pods.ok ? pods.value.flatMap((pod) => pod.ports) : [];
  const wrong = called.map((port) => describePort(port, open, listening)).find((each) => each !== undefined);
  if (wrong === undefined) return fine('the Service leads to the port of the webhook');
  return fault(wrong, 'Run helm upgrade, which repairs the Service.');
}

/** @returns what is wrong with a port of the Service that the API server calls */
function describePort(
  port: number,
  open: readonly ServicePort[],
  listening: readonly { name: string; port: number }[],
): string | undefined {
  const found = open.find((each) => each.port === port);
  if (!found) {
    const ports = open.map((each) => each.port).join(', ') || 'no ports';
    return `the API server calls port ${port} of the Service, which has ${ports}`;
  }
  const { target } = found;
  const reached = listening.find((each) => each.port === target || each.name === target);
  if (reached?.name === 'metrics')
    return `port ${port} of the Service leads to the port of the metrics, ${reached.port}`;
  if (reached || listening.length === 0) return undefined;
  return `port ${port} of the Service leads to ${shortened(String(target), 63)}, at which no replica listens`;
}
