/** Pods of public reports that are no kind of their own: what the report's author wanted to see at the end. */
import type { KubeObject } from '../../cluster/api.ts';
import { busyboxImage } from '../../cluster/images.ts';
import { kill } from '../../cluster/processes.ts';
import { eventually } from '../../cluster/progress.ts';
import { app, createJob, exitCode, type JobOptions, logOf, pidOf } from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import { createPod, deletePod, lastPod, running } from './support/act.ts';
import { injectedJob } from './support/injected.ts';
import type { ClusterPlace } from './support/place.ts';
import { podsEnded, type Subject, twin } from './support/twin.ts';

const asks = { 'clockout.dev/inject': 'true' };
const busybox = (name: string, ...argv: string[]) => ({ name, image: busyboxImage, command: argv });
const shell = (name: string, script: string) => busybox(name, '/bin/busybox', 'sh', '-c', script);

const waits = 'while :; do /bin/busybox sleep 0.1; done';
const exitsOnTerm = `trap "exit 4" TERM; echo start up; ${waits}`;
/** Exits once it sees no process but its own and the one that holds the pod's namespaces, as Datadog's agent does. */
const othersRun =
  'for p in /proc/[0-9]*; do c=; read -r c <$p/cmdline; case $c in ""|/bin/busybox*|/catatonit*) ;; *) return; esac; done; false';
const exitsAlone = `others_run() { ${othersRun}; } 2>/dev/null; while others_run; do /bin/busybox sleep 0.3; done`;
const agent = { volumeMounts: [{ name: 'agent', mountPath: '/agent' }] };

export const reports: Case<ClusterPlace>[] = [
  twin({
    name: 'prefixed-command',
    origins: ['1Password/kubernetes-secrets-injector#52', '1Password/kubernetes-secrets-injector#1'],
    title: 'Another webhook puts its own program before our wrapper: SIGTERM reaches the app, whose code the pod has',
    spec: { containers: [busybox('app', '/bin/busybox', 'env', 'VAULT=1', '/bin/busybox', 'sh', '-c', exitsOnTerm)] },
    create: createPrefixed,
    act: deletedOnceItListens,
    native: { leftOut: 'Clockout has wrapped it before' },
  }),
  twin({
    name: 'app-is-our-busybox-deleted',
    origins: ['1Password/kubernetes-secrets-injector#52'],
    title: 'The app is /clockout/busybox itself, as for a shell in an image without one: SIGTERM reaches it',
    spec: { containers: [shell('app', exitsOnTerm)] },
    create: ({ namespace, name, wrapped }, job) => createJob(namespace, name, wrapped ? withOurBusybox(job) : job),
    act: deletedOnceItListens,
    native: { leftOut: 'it has no /clockout' },
  }),
  twin({
    name: 'docker-in-docker',
    origins: ['https://caarlos0.dev'],
    title:
      'An app that fails writes a file into a shared volume, after which the Docker daemon in the next container exits',
    spec: {
      containers: [
        { ...shell('app', '/bin/busybox sleep 2; echo >/agent/done; exit 5'), ...agent },
        { ...shell('dind', `until [ -f /agent/done ]; do /bin/busybox sleep 0.1; done`), ...agent },
      ],
      volumes: [{ name: 'agent', emptyDir: {} }],
    },
  }),
  twin({
    name: 'airflow-xcom',
    origins: ['apache/airflow#13967', 'apache/airflow#29002'],
    title: "Airflow's sidecar for results exits with 0 when Airflow sends it SIGINT, after the end of the app",
    labels: asks,
    spec: {
      containers: [app({ CODE: 0 }, { name: 'base' }), shell('airflow-xcom-sidecar', `trap "exit 0" INT; ${waits}`)],
    },
    create: createPod,
    act: interruptedByAirflow,
    until: podsEnded,
  }),
  twin({
    name: 'watches-all-processes',
    origins: ['DataDog/datadog-agent#31543'],
    title: 'An agent that exits once no other process is left in the pod',
    spec: {
      shareProcessNamespace: true,
      containers: [
        app({ CODE: 5 }),
        {
          ...shell('datadog-agent-injected', exitsAlone),
          env: [{ name: 'DD_AUTO_EXIT_NOPROCESS_ENABLED', value: 'true' }],
        },
      ],
    },
  }),
];

/** The Job as `clockout inject` writes it, and as such a webhook then changes it. */
async function createPrefixed({ namespace, name, wrapped }: Subject, job: JobOptions): Promise<void> {
  if (!wrapped) {
    await createJob(namespace, name, job);
    return;
  }
  const [{ command, ...container }] = job.spec?.containers ?? [];
  const [prefix, argv] = [command.slice(0, 3), command.slice(3)];
  const injected = await injectedJob({ ...job, spec: { ...job.spec, containers: [{ ...container, command: argv }] } });
  const containers = injected.spec.containers.map((each: KubeObject) => ({
    ...each,
    command: prefix,
    args: [...each.command, ...each.args],
  }));
  await createJob(namespace, name, { ...injected, spec: { ...injected.spec, containers } });
}

function withOurBusybox(job: JobOptions): JobOptions {
  const containers = [app({}, { command: ['/clockout/busybox', 'sh', '-c', exitsOnTerm] })];
  return { ...job, spec: { ...job.spec, containers } };
}

async function deletedOnceItListens(subject: Subject): Promise<void> {
  const pod = await running(subject);
  await eventually('the app listens', 30, async () => (await logOf(pod, 'app')).includes('start'));
  await deletePod()(subject);
}

/** Once Airflow has read the result. @see https://github.com/apache/airflow/issues/29002 */
async function interruptedByAirflow(subject: Subject): Promise<void> {
  const seen = await subject.when('has an app that ended', (each) => {
    const pod = lastPod(each);
    return pod && exitCode(pod, 'base') !== undefined;
  });
  kill(await pidOf(lastPod(seen), 'airflow-xcom-sidecar'), 'SIGINT');
}
