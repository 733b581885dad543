/** Pods that no Job made: wrapped where their label asks; and those whose manager runs their commands itself. */
import { join } from 'node:path';
import type { KubeObject } from '../../cluster/api.ts';
import * as clients from '../../cluster/clients.ts';
import { attempt, run } from '../../cluster/exec.ts';
import { appImage } from '../../cluster/images.ts';
import { counter } from '../../cluster/install.ts';
import { api, app, createJob, exitCode, isWrapped, removeJob } from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import { createPod } from './support/act.ts';
import type { ClusterPlace } from './support/place.ts';
import { podsEnded, twin } from './support/twin.ts';

const asks = { 'clockout.dev/inject': 'true' };

/** What Airflow's KubernetesPodOperator puts on its pods. */
const airflow = {
  dag_id: 'nightly',
  task_id: 'load',
  run_id: 'manual',
  kubernetes_pod_operator: 'True',
  try_number: '1',
};
const argo = { 'workflows.argoproj.io/workflow': 'nightly', 'workflows.argoproj.io/completed': 'false' };
const tekton = { 'tekton.dev/taskRun': 'nightly', 'tekton.dev/task': 'load' };

const origins: Record<string, string[]> = {
  airflow: ['apache/airflow#33306', 'apache/airflow#34482', 'kumahq/kuma#2848'],
  argo: ['argoproj/argo-workflows#1282', 'argoproj/argo-workflows#12919', 'bank-vaults/vault-secrets-webhook#842'],
  tekton: ['tektoncd/pipeline#4731', 'tektoncd/pipeline#3906'],
};

export const otherPods: Case<ClusterPlace>[] = [
  ...[0, 5].map(
    (code): Case<ClusterPlace> => ({
      name: `helm-test-${code}`,
      title: `\`helm test\` with a pod that ends with ${code} ${code === 0 ? 'succeeds' : 'fails'}, and does not hang`,
      run: (place) => helmTest(place, code),
    }),
  ),
  ...Object.entries({ airflow, argo, tekton }).map(([manager, labels]) =>
    twin({
      name: `${manager}-pod`,
      origins: origins[manager] ?? [],
      title: `A bare pod with the labels of ${nameOf(manager)} ends, if its label asks for Clockout`,
      labels: { ...asks, ...labels },
      spec: { containers: [app({ CODE: 5 })] },
      create: createPod,
      until: podsEnded,
    }),
  ),
  ...Object.entries({ argo, tekton }).map(
    ([manager, labels]): Case<ClusterPlace> => ({
      name: `${manager}-left-alone`,
      origins: origins[manager] ?? [],
      title: `A Job's pod with the labels of ${nameOf(manager)} is skipped with a reason, unless its label asks for Clockout`,
      run: (place) => leftAlone(place, `${manager}-left-alone`, labels),
    }),
  ),
];

function nameOf(manager: string): string {
  return `${manager[0]?.toUpperCase()}${manager.slice(1)}`;
}

async function helmTest({ namespace, observer }: ClusterPlace, code: number): Promise<string> {
  const release = `helm-test-${code}`;
  const helm = [...clients.helm, '--namespace', namespace];
  const values = ['--set', `image=${appImage},code=${code}`, '--set-string', 'labels.clockout\\.dev/inject=true'];
  await run([...helm, 'install', release, join(import.meta.dirname, 'chart'), ...values]);
  const tested = await attempt([...helm, 'test', release, '--timeout', '60s']);
  const [seen] = observer.of(release).pods;
  if (!seen || !isWrapped(seen.pod)) throw new Error('expected a wrapped pod');
  const [exited, proxy] = [exitCode(seen.pod, 'app'), exitCode(seen.pod, 'istio-proxy')];
  if (exited !== code || proxy !== 0) throw new Error(`expected ${code} and 0, found ${exited} and ${proxy}`);
  const phase = /^Phase:\s+(\S+)$/m.exec(tested.stdout)?.[1];
  const expected = code === 0 ? 'Succeeded' : 'Failed';
  if (phase !== expected) throw new Error(`expected the phase ${expected}, found ${tested.stdout}${tested.stderr}`);
  return `Phase ${phase}, exit code ${code}`;
}

async function leftAlone(place: ClusterPlace, name: string, labels: Record<string, string>): Promise<string> {
  const metric = 'clockout_skipped_pods_total';
  const before = await counter(api, metric, { reason: 'managed-command' });
  const { namespace, observer } = place;
  await createJob(namespace, name, { labels, spec: { containers: [app()] } });
  const { pods } = await observer.when(name, 'has a pod', 30, (seen) => seen.pods.length > 0);
  await removeJob(namespace, name);
  const command = pods[0]?.pod.spec.containers.find((each: KubeObject) => each.name === 'app').command[0];
  if (command !== '/app') throw new Error(`expected the app's own command, found ${command}`);
  if ((await counter(api, metric, { reason: 'managed-command' })) <= before)
    throw new Error('expected a reason in the metrics');
  return 'skipped: `managed-command`';
}
