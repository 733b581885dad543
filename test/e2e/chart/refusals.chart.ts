/** Wrong values stop an install, with the path and what is allowed. */
import { describe, expect, it } from 'vitest';
import { chart, helm } from './helm.ts';
import { helms } from './versions.ts';

const webhookFrom = 'networkPolicy.webhookFrom[0].ipBlock.cidr=10.0.0.0/8';

/** As Helm 3 and 4 name them: `certs.mode` and `/certs/mode`. */
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
  ['webhook.clientCA=ca.pem', 'webhook.clientCA', /BEGIN CERTIFICATE/],
  ['webhook.clientNames={a\\,b}', 'webhook.clientNames.0', /pattern/],
  ['webhook.anyPodMayAsk=yes', 'webhook.anyPodMayAsk', /boolean/],
  ['registry.lookup=on', 'registry.lookup', /boolean/],
  ['registry.lookups=true', 'registry', /lookups\b/, /not allowed/],
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
  ['strategy.rollingUpdate.maxSurge=one', 'strategy.rollingUpdate.maxSurge', /pattern/],
  ['strategy.rollingUpdate.surge=1', 'strategy.rollingUpdate', /surge\b/, /not allowed/],
  ['networkPolicy.registryPorts={https}', 'networkPolicy.registryPorts.0', /integer/],
  ['prometheusRule.failedLookups=2', 'prometheusRule.failedLookups', /1/],
  ['onUnwrappable=deny', 'onUnwrappable', /admit/, /refuse/],
  ['wrapper.resources.cpu=1', 'wrapper.resources', /cpu/, /not allowed/],
  ['wrapper.resources.limits.memory=32MB', 'wrapper.resources.limits.memory', /pattern|match/],
  ['image.digest=sha256:12', 'image.digest', /pattern/],
  ['image.tag=15', 'image.tag', /string/],
  ['image.repository=a@b', 'image.repository', /pattern/],
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

/** Short enough for a command line, and all that the chart can check. */
const ca = '-----BEGIN CERTIFICATE-----\nbm90IGEgcmVhbCBvbmU=\n-----END CERTIFICATE-----';

/** What each kind of credential demands, in one sentence that says what to do. */
const demands = (name: string, instead = 'networkPolicy\\.webhookFrom') =>
  new RegExp(
    `registry\\.${name} is set, and any pod that reaches the webhook could have it use those credentials; set webhook\\.clientCA or ${instead}, or, if you trust every pod of the cluster, webhook\\.anyPodMayAsk=true`,
  );

/** Beyond a schema: what the template itself refuses. */
const contradictions: [set: string, sentence: RegExp][] = [
  ['ports.webhook=9090', /ports\.webhook and ports\.metrics are both 9090/],
  ['hostNetwork=true,ports.webhook=10250', /10250 is the kubelet's/],
  ['registry.lookup=false,registry.pullSecrets=true', /registry\.pullSecrets is set, and registry\.lookup is off/],
  ['registry.lookup=false,registry.dockerConfigSecret=a', /registry\.dockerConfigSecret is set, and/],
  ['registry.lookup=false,registry.clouds={ecr}', /registry\.clouds is set, and/],
  ['registry.lookup=false,registry.warmUp=true', /registry\.warmUp is set, and/],
  ['registry.pullSecrets=true', demands('pullSecrets')],
  ['registry.dockerConfigSecret=a', demands('dockerConfigSecret')],
  ['registry.clouds={ecr}', demands('clouds')],
  ['registry.clouds={ecr},networkPolicy.enabled=true', demands('clouds')],
  [
    `registry.pullSecrets=true,hostNetwork=true,ports.webhook=9443,networkPolicy.enabled=true,${webhookFrom}`,
    demands('pullSecrets', "take the pods off the node's network, where networkPolicy\\.webhookFrom has no effect"),
  ],
  [`webhook.clientCA=${ca}`, /webhook\.clientNames is empty; expected the common names/],
  ['webhook.clientNames={kube-apiserver}', /webhook\.clientCA is empty; expected the CA in PEM/],
  [
    `webhook.clientCA=${ca},webhook.clientNames={kube-apiserver},webhook.anyPodMayAsk=true`,
    /webhook\.anyPodMayAsk is true, and webhook\.clientCA lets only some callers ask; leave one of them out/,
  ],
  ['allowedAnnotations={all,quit}', /allowedAnnotations has all beside other names; expected \{all\}, \{none\} or/],
  ['allowedAnnotations={quit,none}', /allowedAnnotations has none beside other names/],
  ['registry.pullSecretNamespaces={a}', /registry\.pullSecretNamespaces is set, and registry\.pullSecrets is off/],
  [
    'registry.cacheMebibytes=49',
    /cacheMebibytes is 49; expected at most a quarter of resources\.limits\.memory, 192Mi/,
  ],
  ['resources.limits.memory=191Mi,registry.cacheMebibytes=8', /memory is 191Mi; expected at least 192Mi/],
  ['resources.limits.memory=192M,registry.cacheMebibytes=8', /memory is 192M; expected at least 192Mi/],
  ['resources.limits.memory=65536Ki,registry.cacheMebibytes=8', /memory is 65536Ki; expected at least 192Mi/],
  ['resources.limits.memory=0.05Gi,registry.cacheMebibytes=8', /memory is 0\.05Gi; expected at least 192Mi/],
  ['resources.limits.memory=100000000,registry.cacheMebibytes=8', /memory is 100000000; expected at least 192Mi/],
  ['registry.cacheMebibytes=257,resources.limits.memory=1Gi', /cacheMebibytes is 257; expected at most a quarter/],
  ['certs.mode=existing', /certs\.existing\.secretName is empty; expected the name of a Secret/],
  ['certs.mode=existing,certs.existing.secretName=a', /certs\.existing\.caBundle is empty; expected the CA in PEM/],
  [
    'certs.mode=existing,certs.existing.secretName=a,webhook.annotations.admissions\\.enforcer/disabled=yes',
    /certs\.existing\.caBundle is empty; expected the CA in PEM/,
  ],
  [
    'networkPolicy.webhookFrom[0].ipBlock.cidr=10.0.0.0/8',
    /networkPolicy\.webhookFrom is set, and networkPolicy\.enabled is off/,
  ],
  ['strategy.rollingUpdate.maxSurge=0', /maxSurge and maxUnavailable are both 0; expected one of them to be more/],
  [
    'strategy.rollingUpdate.maxSurge=0%,strategy.rollingUpdate.maxUnavailable=0%',
    /maxSurge and maxUnavailable are both 0/,
  ],
];

/** Each of the three ways to say who may ask is enough for each kind of credential. */
const guards = [
  `webhook.clientCA=${ca},webhook.clientNames={kube-apiserver}`,
  `networkPolicy.enabled=true,${webhookFrom}`,
  'webhook.anyPodMayAsk=true',
];
const credentials = ['registry.pullSecrets=true', 'registry.dockerConfigSecret=a', 'registry.clouds={ecr}'];
const taken = [
  ...credentials.flatMap((credential) => guards.map((guard) => `${credential},${guard}`)),
  `wrapper.image=registry.example.com/busybox@sha256:${'0'.repeat(64)}`,
  `image.digest=sha256:${'0'.repeat(64)}`,
  'allowedAnnotations={none}',
  'allowedAnnotations={clockout.dev/quit,entrypoint}',
];

describe.each(helms)('Helm $major takes', ({ major }) => {
  it.each(taken)('%s', async (set) => {
    const { code, stderr } = await helm(major, ['template', 'clockout', chart, '--set', set]);
    expect([code, stderr]).toEqual([0, '']);
  });
});

describe.each(helms)('Helm $major refuses', ({ major }) => {
  const refusal = async (set: string) => {
    const { code, stderr } = await helm(major, ['template', 'clockout', chart, '--set', set]);
    expect(code, 'it was taken').not.toBe(0);
    return stderr;
  };

  it.each(rows)('%s', async (set, path, ...allowed) => {
    const said = await refusal(set);
    expect(said).toContain(major === 3 ? `- ${path || '(root)'}` : `at '${path && `/${path.replaceAll('.', '/')}`}'`);
    for (const each of allowed) expect(said).toMatch(each);
  });

  it.each(contradictions)('%s', async (set, sentence) => {
    expect(await refusal(set)).toMatch(sentence);
  });
});
