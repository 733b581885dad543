/** Checks of what is installed: one Clockout, complete, turned on, and of one version. */
import { injectLabel } from '../../pod/names.ts';
import { shortened } from '../../util/text.ts';
import { type Check, type Finding, fault, fine, judge, named, unknown, warn } from '../check.ts';
import type { Configuration, Facts, Installation, NamespaceFacts } from '../facts.ts';
import { asksIstio, isClockouts, keyOf, listServices } from '../read/configuration.ts';
import { sees } from '../seen.ts';

const deleteConfiguration = (name: string) => `kubectl delete mutatingwebhookconfiguration ${shortened(name, 253)}`;

export const installationChecks: readonly Check[] = [
  {
    id: 'installed',
    group: 'Installation',
    when: 'after',
    about: 'Clockout has a webhook configuration, so the API server sends pods to it.',
    remedy: 'Install it: see [Install](install.md). To check a cluster before that, run `clockout doctor --pre`.',
    needs: '`list` on `mutatingwebhookconfigurations`',
    find: ({ configurations, installation, namespace, called }) => {
      if (installation) {
        const names = named(installation.configurations.map(({ name }) => name));
        return fine(
          `Clockout is installed in the namespace ${shortened(installation.service.namespace, 63)}, with ${names}`,
        );
      }
      return judge('whether Clockout is installed', configurations, (all) => {
        const own = all.filter(isClockouts);
        if (own.length > 0) return namespace === undefined ? undefined : findElsewhere(own, namespace);
        return fault(
          'Clockout has no webhook configuration in this cluster',
          `Install it. Before that, run "${called('doctor')} --pre".`,
        );
      });
    },
  },
  {
    id: 'not-installed',
    group: 'Installation',
    when: 'before',
    about: 'No other Clockout is installed yet.',
    remedy:
      'To change an installation, use `helm upgrade`. For a second one, see [Several installations](several-installations.md): give each one its own `webhook.namespaceMatchExpressions`.',
    needs: '`list` on `mutatingwebhookconfigurations`',
    find: ({ configurations, called }) =>
      judge('whether Clockout is installed already', configurations, (all) => {
        const names = all.filter(isClockouts).map(({ name }) => name);
        if (names.length === 0) return fine('Clockout is not installed yet');
        return warn(
          `Clockout is installed already, with ${named(names)}`,
          `Use helm upgrade to change it. To check it, run "${called('doctor')}" without --pre.`,
        );
      }),
  },
  {
    id: 'install-rights',
    group: 'Installation',
    when: 'before',
    about: 'You may create what the chart contains.',
    remedy: 'Ask an administrator for the right that the line names, or let them install Clockout.',
    needs: '`create` on `selfsubjectaccessreviews`, which everybody has by default',
    find: ({ installRights }) =>
      installRights &&
      judge('what you may create', installRights, (rights) => {
        const missing = rights.filter(({ isAllowed }) => !isAllowed).map(({ verb, resource }) => `${verb} ${resource}`);
        if (missing.length === 0) return fine('you may create what the chart contains');
        return fault(`you may not ${named(missing, 5)}`, 'Ask an administrator for these rights.');
      }),
  },
  {
    id: 'leftover-configuration',
    group: 'Installation',
    when: 'always',
    about: 'Every webhook configuration of Clockout names a Service that exists.',
    remedy:
      'A configuration without its Service is left over from an installation that was removed by hand, or from a failed change of the certificate mode. Nothing answers the API server: with `failurePolicy: Fail`, it refuses pods. Delete the configuration.',
    needs: '`list` on `mutatingwebhookconfigurations`, `get` on `services` in the namespaces that they name',
    find: ({ configurations, missingServices }) => {
      if (!configurations.ok) return undefined;
      const missing = new Set(missingServices.map(keyOf));
      const own = configurations.value.filter(isClockouts);
      const left = own.filter((each) => listServices(each).some((service) => missing.has(keyOf(service))));
      const [first] = left;
      if (first) {
        const says = `the Service of ${named(left.map(({ name }) => name))} does not exist, so nothing answers`;
        return fault(says, 'Delete what is left over, or install Clockout again.', deleteConfiguration(first.name));
      }
      return own.length === 0 ? undefined : fine('every webhook configuration of Clockout has its Service');
    },
  },
  {
    id: 'second-installation',
    group: 'Installation',
    when: 'after',
    about: 'Only one Clockout is called for a pod.',
    remedy:
      'The checks are about one installation: name the namespace of another with `-n`. Two installations are allowed if each has its own `webhook.namespaceMatchExpressions`. If both are called for a pod, the first one wraps it and the second changes nothing, but each one can refuse it. Two configurations with the same Service are left over from a change of the certificate mode that failed: delete the one whose mode you do not use.',
    needs: '`list` on `mutatingwebhookconfigurations` and `namespaces`',
    find: (facts) =>
      facts.installation && facts.configurations.ok
        ? findSecond(facts.configurations.value, facts, facts.installation)
        : undefined,
  },
  {
    id: 'turned-on',
    group: 'Installation',
    when: 'after',
    about: 'The webhook configuration has webhooks. In an emergency, you turn Clockout off by removing them.',
    remedy:
      'Turn it on again with `helm upgrade`, as [Turn it off in an emergency](outages.md#turn-it-off-in-an-emergency) says.',
    needs: '`list` on `mutatingwebhookconfigurations`',
    find: ({ installation }) => {
      if (!installation) return undefined;
      const off = installation.configurations.filter(({ count }) => count === 0).map(({ name }) => name);
      if (off.length === 0) return fine('the webhook configuration has webhooks: Clockout is turned on');
      return fault(
        `${named(off)} has no webhooks: Clockout is turned off, and new Job pods are not wrapped`,
        'Turn it on again with the chart of the installed version.',
        `helm upgrade ${releaseOf(installation)} charts/clockout --namespace ${shortened(installation.service.namespace, 63)} --reuse-values`,
      );
    },
  },
  {
    id: 'version-skew',
    group: 'Installation',
    when: 'after',
    about: 'The chart, the replicas that run, and this program have the same version.',
    remedy:
      "If a replica has another version than the chart, build the image of the chart's version, and give it a new tag: a node does not pull a tag that it already has. See [Upgrade](install.md#upgrade). If only this program is older or newer, its checks may not fit the installation.",
    needs: '`list` on `deployments` and `pods`, `create` on `pods/portforward`, in the namespace of Clockout',
    find: (facts) => facts.installation && findSkew(facts, facts.installation),
  },
];

// --- internal ---

const releaseOf = ({ deployment }: Installation): string =>
  shortened((deployment.ok && deployment.value?.labels['app.kubernetes.io/instance']) || 'clockout', 63);

/** @returns undefined if a configuration leads to that namespace: what is left over there is another check */
function findElsewhere(own: readonly Configuration[], namespace: string): Finding | undefined {
  const namespaces = [...new Set(own.flatMap(listServices).map((service) => service.namespace))];
  if (namespaces.includes(namespace)) return undefined;
  const where = namespaces.length === 0 ? 'call no Service' : `lead to ${named(namespaces)}`;
  return fault(
    `Clockout is not installed in the namespace ${shortened(namespace, 63)}: its webhook configurations ${where}`,
    'Name the namespace of Clockout with -n, or leave -n out.',
  );
}

function findSecond(
  all: readonly Configuration[],
  { missingServices, namespaces, called }: Facts,
  { service, configurations }: Installation,
): Finding {
  const own = configurations.filter((each) => !asksIstio(each));
  if (own.length > 1) {
    const names = named(own.map(({ name }) => name));
    return fault(`${names} call the same Service`, 'Delete the one whose certificate mode you do not use.');
  }
  // What is left over is another check.
  const known = new Set([service, ...missingServices].map(keyOf));
  const others = all.filter(
    (each) => isClockouts(each) && listServices(each).some((other) => !known.has(keyOf(other))),
  );
  if (others.length === 0) return fine('there is one installation of Clockout');
  const says = `there is another installation of Clockout: ${named(others.map(({ name }) => name))}`;
  const [elsewhere] = others.flatMap(listServices);
  const check = `To check the other one, run "${called('doctor')} -n ${shortened(elsewhere?.namespace ?? '', 63)}".`;
  if (!namespaces.ok) return warn(says, `Give each one its own webhook.namespaceMatchExpressions. ${check}`);
  const shared = namespaces.value.filter((each) => [own, others].every((some) => isCalledIn(each, some)));
  return shared.length === 0
    ? fine(`${says}. No pod belongs to both`)
    : warn(
        `${says}. Both are called for Job pods, or for those with a label of their own, in ${named(shared.map(({ name }) => name))}`,
        `Give each one its own webhook.namespaceMatchExpressions, or uninstall one. ${check}`,
      );
}

/** Also for pods that ask for Clockout themselves. */
function isCalledIn(namespace: NamespaceFacts, configurations: readonly Configuration[]): boolean {
  const webhooks = configurations.filter((each) => !asksIstio(each)).flatMap((each) => each.webhooks);
  return sees(webhooks, namespace) || sees(webhooks, namespace, { [injectLabel]: 'true' });
}

function findSkew({ version }: Facts, { deployment, replicas }: Installation): Finding | undefined {
  const told = replicas.ok ? replicas.value.map((each) => each.version) : [replicas];
  const silent = told.flatMap((each) => (each.ok ? [] : [each.problem]))[0];
  const servers = [...new Set(told.flatMap((each) => (each.ok ? [each.value] : [])))];
  const chart = deployment.ok ? deployment.value?.labels['app.kubernetes.io/version'] : undefined;
  const known = [...servers, ...(chart === undefined ? [] : [chart])];
  if (known.length === 0 || (servers.length === 0 && silent)) {
    return silent && unknown('the versions of the replicas', silent);
  }
  const other = servers.find((each) => chart !== undefined && each !== chart);
  if (chart !== undefined && other !== undefined) {
    return warn(
      `the chart is for Clockout ${shortened(chart, 40)}, and replicas run ${shortened(other, 40)}`,
      'Build the image of the chart version with a new tag, and upgrade.',
    );
  }
  if (servers.length > 1) return warn(`the replicas run ${named(servers)}`, 'Wait until the rollout has ended.');
  const installed = known.find((each) => each !== version);
  if (installed !== undefined) {
    return warn(
      `this program is Clockout ${version}, and the installation is ${shortened(installed, 40)}`,
      'Use the program of the same version: its checks may not fit another one.',
    );
  }
  const who = [
    ...(chart === undefined ? [] : ['the chart']),
    ...(servers.length > 0 ? ['the replicas'] : []),
    'this program',
  ];
  return fine(`${named(who)} are Clockout ${version}`);
}
