/**
 * What CI runs of the suites that take long, unless FULL=1: CROSS_SECTION=1 before one of their commands does the same.
 * Every group of cases and every file but those of `onlyFull` have something here, and so has every option of the scripts:
 * cross-section.test.ts.
 */
import type { Case } from '../e2e/conformance/case.ts';

export const isCrossSection = process.env.CROSS_SECTION === '1';

/** Titles of tests and of whole `describe`s, as they stand in the suites' files. */
type Titles = Record<string, string[]>;

/** Only with FULL=1: it takes a minute to install all packages in a container, and needs the package registry for it. */
export const onlyFull = ['dockerfile.cluster.ts'];

/** test/e2e/cluster/suite/ */
const cluster: Titles = {
  'admission.cluster.ts': [
    "calls Clockout once for a Job's pod, not twice",
    'shows the patch in a dry run (kubectl create --dry-run=server)',
    'says in a warning why a pod that asked for Clockout was not wrapped',
    'the QoS class of a pod',
    'wraps a pod that no Job made and that asks for it, and the pod completes',
    'leaves a pod untouched where %s',
  ],
  'ask-istio.cluster.ts': ["a Job completes with Istio's own native sidecar, for which Clockout asked"],
  'audit.cluster.ts': ['a Job of each fate'],
  'callers.cluster.ts': [
    'Jobs are wrapped and complete, and `helm test` passes',
    'a neighbour %s is refused by each replica',
  ],
  'cert-manager.cluster.ts': ['becomes ready; cainjector fills in the caBundle, and a Job is wrapped and completes'],
  'certificates.cluster.ts': [
    'are unready without the webhook configuration, and say so; once it is there they agree on one CA',
    'take the CA that is there after a restart, and repair a wiped caBundle within 5 s',
  ],
  'cli.cluster.ts': ['a manifest from clockout inject'],
  'doctor.cluster.ts': [
    'with a certificate of its own and failurePolicy %s',
    'seen from its own pod, where most lines say which right is missing',
    'a Service without endpoints',
    'a wrapper image that nodes cannot pull',
    'a webhook that drops restartPolicy',
  ],
  'emergency.cluster.ts': ['is turned off and on again, with the CA that it had'],
  'end.cluster.ts': [
    'ends Jobs that hang, each with the code of its app, and touches no other',
    'uses exec for a user who may not forward ports, and names the right where neither is allowed',
  ],
  'example.cluster.ts': ['keeps its exit code', 'needs no command where an annotation says what its image runs'],
  'existing-certificate.cluster.ts': [
    'is changed to without a pod that is refused or unwrapped, where both CAs are trusted meanwhile',
  ],
  'explain.cluster.ts': ['that hangs without Clockout: why, and how to end it', 'kubectl runs it as a plugin'],
  'install.cluster.ts': [
    'is ready 20 s after `helm install` where Pod Security is restricted, and passes `helm test`',
    'gets its caBundle back within 5 s when the configuration is replaced by one without',
    "where Istio's webhook is called after Clockout's",
  ],
  'manifests.cluster.ts': [
    'the API server takes every manifest of the values %s',
    'the API server takes deploy/ as it is',
    'nothing of what is installed differs from its manifests, so no GitOps tool has anything to repair',
  ],
  'native.cluster.ts': [
    'completes, with its proxy up before its app, and its app unchanged',
    'is wrapped if its namespace asks for that',
    'a namespace whose label is not a strategy gets a warning, and the strategy of the installation',
  ],
  'observe.cluster.ts': [
    'has its Job hang as without Clockout, with a line in the log and a count',
    "come from the pod, its namespace, and the installation, and a namespace's hold soon",
    'has an Event for the first pod that was wrapped',
  ],
  'other-webhooks.cluster.ts': [
    'of the sidecar that %s made native, %s Clockout: %s, %s',
    "a pod for which Istio's webhook is called %s has one proxy",
  ],
  'outage.cluster.ts': ['with failurePolicy Fail, a Job waits for Clockout to come back, and is wrapped then'],
  'policy.cluster.ts': [
    "with Istio's own native sidecar, which the policy asks for",
    'with a classic sidecar, which the policy converts',
    'a converted proxy',
  ],
  'registry.cluster.ts': [
    'so is a Job whose service account names the secret',
    'a warning says what to do where the pull secret %s',
    'pods that need a registry which hangs are admitted in time, and others do not wait',
    'nothing that was written tells a password',
  ],
  'rollouts.cluster.ts': [
    'none is refused or unwrapped during a restart, an upgrade and changes of certificates',
    'no pod is unwrapped later than 5 s after it, and none is refused',
  ],
  'trouble.cluster.ts': ['no webhook configuration: nobody calls, and it heals when it is there again'],
};

/** test/e2e/wrapper/, under other builds of busybox than the one of the default image, under which all runs. */
const wrapper: Titles = {
  'hostile.contained.ts': ['containers that mean harm', 'a full disk'],
  'wrapper.contained.ts': [
    'is the busybox to test, not this machine’s',
    'as PID 1',
    'a TERM at any moment from the first is never lost',
    'runs as any user under any umask, and its steps are visible to all',
    'that answers %s to a quit: again, until the time is up',
    'is told after the delay, and after the other URLs',
    'beside a native sidecar, with others to end',
    'the init container',
  ],
  'guard.contained.ts': [
    'returns at once, and becomes Istio’s own hook where there is one',
    'ends the proxy of an app that was killed',
    'waits for all of several containers',
    'lets the wrapper exit, even if the proxy exits before the guard can say that it took the quit',
    'gives up a container that never starts; what comes later is not started',
    'without a status port sends TERM',
    'does not spin without its FIFO, and takes little',
  ],
};

/** Names of attacks, in test/e2e/attack/attacks/: at least one of each file. */
const attack = [
  'a review of empty tolerations, 7.3 MB',
  'large ordinary pods, 10 of 7.3 MB at once',
  '400 slow bodies: 31 of 32 KiB, then 1 byte/s',
  'bodies of 4 MiB and of 32 KiB that fill all room, of which a byte is sent',
  '3,000 idle TLS connections as fast as may be',
  '500 connections with 2 reviews at once, again and again, from another address',
  'metrics port: 3,000 tiny requests on each of 60 connections, at the same moment',
  '1,000 bodies of 32 KiB that are no JSON',
  '1,500 connections without a pause, 120 a second',
  '250 clients that ask for 200 KB again and again, and read nothing',
  'bodies in records of a byte on 250 connections that have asked before',
  'YAML: 400 question marks',
  '2,000 containers that are wrapped already',
  'node affinity: 1,000 systems and 1,000 architectures',
];

/** Names of cases, in test/e2e/conformance/. Jobs of other simple shapes are among those of many-jobs. */
const conformance = [
  // on the cluster
  ...['hangs-without-clockout', 'arguments'],
  ...['exit-0', 'exit-137', 'under-tini-killed'],
  ...['pod-deleted', 'job-deadline', 'term-ignored', 'stop-signal'],
  ...['killed', 'killed-on-failure', 'out-of-memory-on-failure', 'sandbox-lost'],
  ...['start-error-two-containers'],
  ...[
    'proxy-first',
    'proxy-port-annotation',
    'proxy-without-port',
    'proxy-never-ready-fail',
    'proxy-unreachable',
    'proxy-killed-on-failure',
  ],
  ...['proxy-stopped', 'quit-delay', 'no-guard'],
  ...['new-pods', 'indexed'],
  'cronjob-forbid',
  ...['two-containers-retried', 'waits-for-another-no-guard', 'excluded', 'shared-processes-killed', 'locked-down'],
  ...['post-start-waits', 'pre-stop-deleted'],
  ...['helm-test-5', 'airflow-pod', 'argo-left-alone'],
  ...[
    'cloud-sql-fails',
    'linkerd-at-once',
    'dapr-retried',
    'vault-killed',
    'quit-urls-completes',
    'sidecar-without-end',
  ],
  ...['istio-quit-urls-killed', 'istio-sidecars-together'],
  ...['native-order', 'native-never-ready', 'native-ends-with-7', 'native-policy-of-a-container'],
  ...['prefixed-command', 'docker-in-docker'],
  ...['args-without-command', 'called-again', 'pod-security-restricted', 'quota', 'proxy-with-probes'],
  ...['planted-links-on-failure', 'full-volume-never', 'full-volume-two-onfailure'],
  'many-jobs',
  // in process namespaces
  ...['all-exit-codes', 'all-deadly-signals'],
  ...[
    'passes-on-term',
    'int-and-quit-are-not-ignored',
    'own-process-group',
    'signals-to-all',
    'signal-before-the-app',
    'stop-signal-pwr-before-the-app',
    'proxy-lives-while-the-app-cleans-up',
  ],
  ...['same-arguments', 'same-environment', 'stdin', 'tools-named-like-applets', 'parent-is-not-process-1'],
  ...['terminal-environment', 'terminal-interrupt', 'terminal-read-by-timeout', 'terminal-told-to-end'],
  ...['no-proxy', 'late-proxy', 'fail-without-proxy', 'quit-goes-past-http-proxy', 'ipv6-only'],
  ...['last-one-out', 'killed-app', 'proxy-ends-with-zero', 'users-and-umask', 'crowded-pod'],
  ...['mesh-goes-last', 'thread-dump-is-no-end', 'killed-before-the-guard', 'never-seen-is-not-dead', 'waits-for-whom'],
  ...['app-and-quit', 'term-before-the-trap'],
  ...['neighbours-out-of-reach', 'flooded-fifo', 'links-before-a-guard', 'init-after-hostile-containers'],
  ...['full-disk-two-onfailure', 'full-disk-killed-never'],
];

/** Those of them that also run under the strategy native: with all, two cores are too busy for what the kubelet reports. */
const native = [
  ...['exit-0', 'pod-deleted', 'killed', 'proxy-first', 'indexed', 'excluded', 'locked-down'],
  ...['cloud-sql-fails', 'linkerd-at-once', 'args-without-command'],
];

export const crossSection = { cluster, wrapper, attack, conformance, native };

/** Whether the cases that are to run include this one. */
export const isWanted = ({ name }: Pick<Case<never>, 'name'>): boolean => !isCrossSection || conformance.includes(name);

/** Whether a case runs under the strategy native, too. */
export const isWantedNative = (name: string): boolean => !isCrossSection || native.includes(name);

/** Of the full names of tests, `describe > test`: for vitest's `testNamePattern`. */
export const patternOf = (titles: Titles): RegExp =>
  new RegExp(`(^| > )(${Object.values(titles).flat().map(asPattern).join('|')})($| > )`);

/** What stands for a row of a table, such as `%s`, is any text. */
const asPattern = (title: string): string => literal(title).replace(/%(?:[sdij#]|\\\.\d+j)/g, '.*');

/** The pattern that matches just this text. */
export const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
