/** Wrong values stop an install. The error names the path of the value, and what is allowed there. */
import { describe, expect, it } from 'vitest';
import { readHabits } from '../../../scripts/chart.ts';
import { withoutEffect } from '../../../src/pod/annotations/table.ts';
import { chart, helm } from './helm.ts';
import { helms } from './versions.ts';

const webhookFrom = 'networkPolicy.webhookFrom[0].ipBlock.cidr=10.0.0.0/8';

/** Values that values.schema.json refuses. Helm 3 writes a path as `certs.mode`, and Helm 4 as `/certs/mode`. */
const rows: [set: string, path: string, ...allowed: RegExp[]][] = [
  ['mode=everywhere', 'mode', /opt-in/, /cluster/],
  ['mod=cluster', '', /mod\b/, /not allowed/],
  ['webhook.failurePolicy=Fail', 'webhook.failurePolicy', /object/],
  ['webhook.failurePolicy.jobs=fail', 'webhook.failurePolicy.jobs', /Fail/, /Ignore/],
  ['webhook.failurePolicy.pods=', 'webhook.failurePolicy.pods', /Fail/, /Ignore/],
  ['webhook.timeoutSeconds=31', 'webhook.timeoutSeconds', /30/],
  ['webhook.name=ZZ', 'webhook.name', /pattern/],
  ['webhook.excludedNamespaces={kube_system}', 'webhook.excludedNamespaces.0', /pattern/],
  ['webhook.matchConditions[0].name=a', 'webhook.matchConditions.0', /expression/],
  [
    'webhook.namespaceMatchExpressions[0].key=a,webhook.namespaceMatchExpressions[0].operator=Equals',
    'webhook.namespaceMatchExpressions.0.operator',
    /NotIn/,
  ],
  ['allowedAnnotations={quits}', 'allowedAnnotations.0', /start-timeout/],
  ['allowedAnnotations=', 'allowedAnnotations', /array|1/],
  ['allowedAnnotations={quit,quit}', 'allowedAnnotations', /0.*1|unique|equal/],
  ['endHanging.namespaces={a,a}', 'endHanging.namespaces', /0.*1|unique|equal/],
  ['registry.pullSecretNamespaces={a,a}', 'registry.pullSecretNamespaces', /0.*1|unique|equal/],
  ['defaults.quits=never', 'defaults', /quits\b/, /not allowed/],
  ['defaults.wait-timeout=5sec', 'defaults.wait-timeout', /pattern/],
  ['defaults.quit=sometimes', 'defaults.quit', /on-success/],
  ['defaults.guard=no', 'defaults.guard', /boolean|true/],
  ['namespaceDefaults=on', 'namespaceDefaults', /boolean/],
  ['events=on', 'events', /boolean/],
  ['metricsNamespaces=1001', 'metricsNamespaces', /1000|1,000/],
  ['webhook.clientCA=ca.pem', 'webhook.clientCA', /BEGIN CERTIFICATE/],
  ['webhook.clientNames={a\\,b}', 'webhook.clientNames.0', /pattern/],
  ['webhook.anyPodMayAsk=yes', 'webhook.anyPodMayAsk', /boolean/],
  ['registry.lookup=on', 'registry.lookup', /boolean/],
  ['foo=1', '', /foo\b/, /not allowed/],
  ['registry.lookups=true', 'registry', /lookups\b/, /not allowed/],
  ['registry.mirors[0].prefix=a', 'registry', /mirors\b/, /not allowed/],
  ['registry.pullSecretNamespaces={Shop}', 'registry.pullSecretNamespaces.0', /pattern/],
  ['registry.dockerConfigSecret=a/b', 'registry.dockerConfigSecret', /pattern/],
  ['registry.clouds={aws}', 'registry.clouds.0', /ecr/, /google/, /azure/],
  ['registry.caBundle=ca.pem', 'registry.caBundle', /BEGIN CERTIFICATE/],
  ['registry.plainHttp={http://a}', 'registry.plainHttp.0', /pattern/],
  ['registry.mirrors[0].prefix=a', 'registry.mirrors.0', /locations/],
  ['registry.mirrors[0].prefix=https://a,registry.mirrors[0].locations={b}', 'registry.mirrors.0.prefix', /pattern/],
  ['registry.trustedRealms={https://a}', 'registry.trustedRealms.0', /pattern/],
  ['registry.platforms={amd64}', 'registry.platforms.0', /pattern/],
  ['registry.timeout=2.5s', 'registry.timeout', /pattern/],
  ['registry.cacheEntries=0', 'registry.cacheEntries', /1/],
  ['registry.warmUp=cluster', 'registry.warmUp', /boolean/],
  ['networkPolicy.webhookFrom[0].ipblock.cidr=10.0.0.0/8', 'networkPolicy.webhookFrom.0', /ipblock\b/, /not allowed/],
  ['updateStrategy.rollingUpdate.maxSurge=one', 'updateStrategy.rollingUpdate.maxSurge', /pattern/],
  ['updateStrategy.rollingUpdate.surge=1', 'updateStrategy.rollingUpdate', /surge\b/, /not allowed/],
  ['strategy=convert', 'strategy', /wrap/, /native/, /auto/],
  ['strategy.type=Recreate', 'strategy', /wrap/, /native/, /auto/],
  ['native.from=28', 'native.from', /29/],
  ['native.node=a', 'native', /node\b/, /not allowed/],
  ['networkPolicy.registryPorts={https}', 'networkPolicy.registryPorts.0', /integer/],
  ['prometheusRule.alerts.ClockoutDead.enabled=false', 'prometheusRule.alerts', /ClockoutDead\b/, /not allowed/],
  ['prometheusRule.alerts.ClockoutDown=false', 'prometheusRule.alerts.ClockoutDown', /object/],
  ['prometheusRule.alerts.ClockoutDown.severity=', 'prometheusRule.alerts.ClockoutDown.severity', /1/],
  ['prometheusRule.runbookUrl=docs/runbooks', 'prometheusRule.runbookUrl', /pattern/],
  ['sweep.minutes=5m', 'sweep.minutes', /integer/],
  ['sweep.enabled=true', 'sweep', /enabled\b/, /not allowed/],
  ['prometheusRule.failedLookups=2', 'prometheusRule.failedLookups', /1/],
  ['onUnwrappable=deny', 'onUnwrappable', /admit/, /refuse/],
  ['wrapper.resources.cpu=1', 'wrapper.resources', /cpu/, /not allowed/],
  ['wrapper.resources.limits.memory=32MB', 'wrapper.resources.limits.memory', /pattern|match/],
  ['image.digest=sha256:12', 'image.digest', /pattern/],
  ['image.tag=15', 'image.tag', /string/],
  ['replicas=0', 'replicas', /1/],
  ['replicas=two', 'replicas', /integer/],
  ['certs.mode=certmanager', 'certs.mode', /self/, /certManager/, /existing/],
  ['certs.self.lifetime=1w', 'certs.self.lifetime', /smhd/],
  ['certs.certManager.duration=90d', 'certs.certManager.duration', /h\|m\|s/],
  ['certs.existing.caBundle=LS0t', 'certs.existing.caBundle', /BEGIN CERTIFICATE/],
  ['logLevel=verbose', 'logLevel', /trace/, /silent/],
  ['drainSeconds=-1', 'drainSeconds', /0/],
  ['ports.webhook=0', 'ports.webhook', /1/],
  ['hostNetwork=maybe', 'hostNetwork', /boolean/],
  ['podLabels.a=1', 'podLabels.a', /string/],
  ['env[0].value=a', 'env.0', /name/],
  ['prometheusRule.slowSeconds=0', 'prometheusRule.slowSeconds', /0/],
  ['resources.limit.cpu=1', 'resources', /limit\b/, /not allowed/],
];

/** Short enough for a command line. The chart only checks the form. */
const ca = '-----BEGIN CERTIFICATE-----\nbm90IGEgcmVhbCBvbmU=\n-----END CERTIFICATE-----';

const limit = (name: string, instead: string, found = 'none') =>
  `registry.${name}: expected a limit on who may call the webhook, found ${found}, so that any pod could make Clockout use these credentials. Set webhook.clientCA or ${instead}. Or, if you trust every pod in the cluster, set webhook.anyPodMayAsk=true (docs/callers.md)`;

const twice = (path: string, key: string, found: string) =>
  `${path}: expected each ${key} once, in the chart's own entries and in yours, found ${found} twice. Change the ${key}, or remove the entry`;

const needs = (path: string, needed: string) =>
  `${path}: expected ${needed} to be true, found false. Set ${needed}=true, or remove ${path}`;

const memory = (found: string) =>
  `resources.limits.memory: expected at least 192Mi, found ${found}. Raise the limit, or remove it: Clockout is tested under attack with 192Mi (docs/limits.md)`;

const noCa =
  'certs.existing.caBundle: expected a CA in PEM, found nothing. Set it with --set-file certs.existing.caBundle=ca.pem, or let an injector fill it in: name it in webhook.annotations, such as cert-manager.io/inject-ca-from';

const noStrategy =
  'updateStrategy.rollingUpdate: expected maxSurge or maxUnavailable to be more than 0, found 0 for both. Raise one of them, such as maxUnavailable=1';

const tagged = (found: string, repository: string, tag: string): [string, string] => [
  `image.repository=${found}`,
  `image.repository: expected a repository without a tag, found ${found}. Set image.repository=${repository} and image.tag=${tag}`,
];

/** Values that the schema accepts, and that do not work together: templates/_validate.tpl. */
const contradictions: [set: string, sentence: string][] = [
  [
    'ports.webhook=9090',
    'ports.webhook and ports.metrics: expected two different ports, found 9090 twice. Change one of them',
  ],
  [
    'service.metricsPort=443',
    "service.metricsPort: expected another port than that of the webhook, found 443, which is the webhook's. Choose another port",
  ],
  ['env[0].name=A,env[0].value=1,env[1].name=A,env[1].value=2', twice('env', 'name', 'A')],
  ['certs.mode=certManager,volumes[0].name=tls', twice('volumes', 'name', 'tls')],
  [
    'registry.dockerConfigSecret=a,webhook.anyPodMayAsk=true,volumeMounts[0].name=b,volumeMounts[0].mountPath=/registry-credentials/a',
    twice('volumeMounts', 'mountPath', '/registry-credentials/a'),
  ],
  ...['belongs-to-a-job', 'is-no-mirror-pod'].map((name): [string, string] => [
    `webhook.matchConditions[0].name=${name},webhook.matchConditions[0].expression=has(object.spec)`,
    twice('webhook.matchConditions', 'name', name),
  ]),
  ...(['webhook', 'metrics'] as const).map((port): [string, string] => [
    `hostNetwork=true,ports.${port}=10250`,
    `ports.${port}: expected a port that is free on the nodes, as hostNetwork is true, found 10250, which the kubelet uses. Choose another port`,
  ]),
  ['registry.lookup=false,registry.pullSecrets=true', needs('registry.pullSecrets', 'registry.lookup')],
  ['registry.lookup=false,registry.dockerConfigSecret=a', needs('registry.dockerConfigSecret', 'registry.lookup')],
  ['registry.lookup=false,registry.clouds={ecr}', needs('registry.clouds', 'registry.lookup')],
  ['registry.lookup=false,registry.warmUp=true', needs('registry.warmUp', 'registry.lookup')],
  ['registry.pullSecretNamespaces={a}', needs('registry.pullSecretNamespaces', 'registry.pullSecrets')],
  [webhookFrom, needs('networkPolicy.webhookFrom', 'networkPolicy.enabled')],
  ['registry.pullSecrets=true', limit('pullSecrets', 'networkPolicy.webhookFrom')],
  [
    'events=true',
    'events: expected a limit on who may call the webhook, found none, so that any pod could make Clockout write Events in any namespace. Set webhook.clientCA or networkPolicy.webhookFrom. Or, if you trust every pod in the cluster, set webhook.anyPodMayAsk=true (docs/callers.md)',
  ],
  ['registry.dockerConfigSecret=a', limit('dockerConfigSecret', 'networkPolicy.webhookFrom')],
  ['registry.clouds={ecr}', limit('clouds', 'networkPolicy.webhookFrom')],
  ['registry.clouds={ecr},networkPolicy.enabled=true', limit('clouds', 'networkPolicy.webhookFrom')],
  ...['0.0.0.0/0', '::/0'].map((all): [string, string] => [
    `registry.clouds={ecr},networkPolicy.enabled=true,${webhookFrom},networkPolicy.webhookFrom[1].ipBlock.cidr=${all}`,
    limit('clouds', 'networkPolicy.webhookFrom', 'networkPolicy.webhookFrom with all addresses or all pods'),
  ]),
  [
    `registry.pullSecrets=true,hostNetwork=true,ports.webhook=9443,networkPolicy.enabled=true,${webhookFrom}`,
    limit('pullSecrets', "hostNetwork=false and networkPolicy.webhookFrom (which has no effect on the node's network)"),
  ],
  [
    `webhook.clientCA=${ca}`,
    "webhook.clientNames: expected the common names in the API servers' client certificates, found none. Set them, such as {kube-apiserver}, or remove webhook.clientCA",
  ],
  [
    'webhook.clientNames={kube-apiserver}',
    'webhook.clientCA: expected the CA of webhook.clientNames in PEM, found nothing. Set it with --set-file webhook.clientCA=ca.pem, or remove webhook.clientNames',
  ],
  [
    `webhook.clientCA=${ca},webhook.clientNames={kube-apiserver},webhook.anyPodMayAsk=true`,
    'webhook.anyPodMayAsk: expected false with webhook.clientCA, found true. Remove one of them: with webhook.clientCA, only some callers get an answer',
  ],
  ...['all', 'none'].map((name): [string, string] => [
    `allowedAnnotations={quit,${name}}`,
    `allowedAnnotations: expected {all}, {none} or a list of names, found ${name} together with names. Remove ${name}, or the names`,
  ]),
  [
    'registry.cacheMebibytes=49',
    'registry.cacheMebibytes: expected at most a quarter of resources.limits.memory (192Mi), found 49. Lower it, or raise the limit',
  ],
  [
    'registry.cacheMebibytes=257,resources.limits.memory=1Gi',
    'registry.cacheMebibytes: expected at most a quarter of resources.limits.memory (1Gi), found 257. Lower it, or raise the limit',
  ],
  ...['191Mi', '192M', '65536Ki', '0.05Gi', '100000000'].map((found): [string, string] => [
    `resources.limits.memory=${found},registry.cacheMebibytes=8`,
    memory(found),
  ]),
  [
    'certs.mode=existing',
    'certs.existing.secretName: expected the name of a Secret with tls.crt and tls.key, found nothing. Set it, or set another certs.mode',
  ],
  ['certs.mode=existing,certs.existing.secretName=a', noCa],
  ['certs.mode=existing,certs.existing.secretName=a,webhook.annotations.admissions\\.enforcer/disabled=yes', noCa],
  tagged('registry.example.com/clockout:1.2', 'registry.example.com/clockout', '1.2'),
  tagged('localhost:5000/clockout:latest', 'localhost:5000/clockout', 'latest'),
  ...readHabits().map(([path, instead]): [string, string] => [
    `${path}=1`,
    `${path}: expected a value of this chart, and it has none of that name. ${instead}`,
  ]),
  ...withoutEffect.flatMap(([name, value, useless]) =>
    useless
      .filter((other) => other !== 'quit-urls') // It has no default.
      .map((other): [string, string] => [
        `defaults.${name}=${value},defaults.${other}=${other === 'on-wait-timeout' ? 'fail' : '5s'}`,
        `defaults.${other}: expected none with defaults.${name}=${value}`,
      ]),
  ),
  [
    'defaults.sidecars=a\\, b,defaults.exclude-containers=c\\,b',
    'defaults.sidecars: expected containers that defaults.exclude-containers does not have, found b in both.',
  ],
  ['certManager.enabled=false', 'certManager: expected a value of this chart'],
  ['metrics.enabled=true', 'metrics: expected a value of this chart'],
  [
    `image.repository=a/b@sha256:${'0'.repeat(64)}`,
    `Set image.repository=a/b and image.digest=sha256:${'0'.repeat(64)}`,
  ],
  ['image.repository=https://a/b', 'image.repository: expected a repository without https://, found https://a/b'],
  ['image.repository=', 'image.repository: expected a repository such as registry.example.com/clockout, found nothing'],
  ['updateStrategy.rollingUpdate.maxSurge=0', noStrategy],
  ['updateStrategy.rollingUpdate.maxSurge=0%,updateStrategy.rollingUpdate.maxUnavailable=0%', noStrategy],
];

/** Each of the three ways to limit the callers is enough for each kind of credential. */
const guards = [
  `webhook.clientCA=${ca},webhook.clientNames={kube-apiserver}`,
  `networkPolicy.enabled=true,${webhookFrom}`,
  'webhook.anyPodMayAsk=true',
];
const credentials = ['registry.pullSecrets=true', 'registry.dockerConfigSecret=a', 'registry.clouds={ecr}'];
const accepted = [
  ...credentials.flatMap((credential) => guards.map((guard) => `${credential},${guard}`)),
  `wrapper.image=registry.example.com/busybox@sha256:${'0'.repeat(64)}`,
  `image.digest=sha256:${'0'.repeat(64)}`,
  'image.repository=localhost:5000/clockout',
  'global.imageRegistry=registry.example.com',
  'defaults.quit=on-success,defaults.quit-delay=5s,defaults.sidecars=a,defaults.exclude-containers=b',
  'allowedAnnotations={none}',
  'allowedAnnotations={clockout.dev/quit,entrypoint}',
];

describe.each(helms)('Helm $major accepts', ({ major }) => {
  it.each(accepted)('%s', async (set) => {
    const { code, stderr } = await helm(major, ['template', 'clockout', chart, '--set', set]);
    expect([code, stderr]).toEqual([0, '']);
  });
});

describe.each(helms)('Helm $major refuses', ({ major }) => {
  const errorFor = async (set: string) => {
    const { code, stderr } = await helm(major, ['template', 'clockout', chart, '--set', set]);
    expect(code, 'Helm accepted it').not.toBe(0);
    return stderr;
  };

  it.each(rows)('%s', async (set, path, ...allowed) => {
    const error = await errorFor(set);
    expect(error).toContain(major === 3 ? `- ${path || '(root)'}` : `at '${path && `/${path.replaceAll('.', '/')}`}'`);
    for (const each of allowed) expect(error).toMatch(each);
  });

  it.each(contradictions)('%s', async (set, sentence) => {
    expect(await errorFor(set)).toContain(sentence);
  });
});
