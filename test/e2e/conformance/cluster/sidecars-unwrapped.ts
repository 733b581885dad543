/** Jobs with sidecars that Clockout leaves alone. */
import { expect } from 'vitest';
import type { KubeObject } from '../../cluster/api.ts';
import { kubectl } from '../../cluster/clients.ts';
import { attempt } from '../../cluster/exec.ts';
import { sleep } from '../../cluster/progress.ts';
import { app, createJob, exitCode, isRunning, isWrapped, removeJob } from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import { cloudSqlWithoutEnd, nativeLinkerd } from './sidecar-containers.ts';
import { lastPod } from './support/act.ts';
import type { ClusterPlace } from './support/place.ts';
import { isOver } from './support/twin.ts';
import { verdictOf } from './support/verdict.ts';
import { clockoutAlone, type Sidecar, withSidecar } from './support/with-sidecar.ts';

const neither = { 'sidecar.istio.io/inject': 'false', 'clockout.dev/inject': 'false' };

/** The control: it's this sidecar that keeps a pod from ending. */
export function hangs(key: string, sidecar: Sidecar): Case<ClusterPlace> {
  const seconds = 8;
  return {
    name: `${key}-hangs`,
    title: `${sidecar.title}: without Clockout the Job never ends`,
    run: async ({ namespace, observer }) => {
      const name = `${key}-hangs`;
      await createJob(namespace, name, withSidecar({ labels: neither, spec: { containers: [app()] } }, sidecar));
      await observer.when(name, 'has an app that ended', 60, (seen) => exitCode(lastPod(seen) ?? noPod, 'app') === 0);
      await sleep(seconds * 1000);
      expect(isRunning(lastPod(observer.of(name)), sidecar.container.name)).toBe(true);
      expect(observer.of(name).jobs.at(-1)?.job.status.active).toBe(1);
      await removeJob(namespace, name);
      return `its sidecar still ran ${seconds} s after the app`;
    },
  };
}

const noPod: KubeObject = { status: {} };

export async function leftToKubernetes({ namespace, observer }: ClusterPlace): Promise<string> {
  const name = 'native-linkerd';
  const spec = { containers: [app()], initContainers: [nativeLinkerd] };
  await createJob(namespace, name, { labels: clockoutAlone, spec });
  const seen = await observer.when(name, 'is over', 60, isOver);
  expect(verdictOf(seen, ['app']).jobs[0]?.conditions).toContain('Complete CompletionsReached');
  expect(isWrapped(lastPod(seen))).toBe(false);
  return 'Complete, and unchanged';
}

/** The API server shows warnings only to whoever makes the pod. */
export async function leftAlone({ namespace }: ClusterPlace): Promise<string> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'without-end', namespace, labels: clockoutAlone },
    spec: { restartPolicy: 'Never', containers: [app(), cloudSqlWithoutEnd.container] },
  };
  const made = await attempt([...kubectl, 'create', '--dry-run=server', '--output=json', '--filename=-'], {
    input: JSON.stringify(pod),
  });
  expect(made.code, made.stderr).toBe(0);
  expect(JSON.parse(made.stdout).metadata.annotations?.['clockout.dev/status']).toBeUndefined();
  expect(made.stderr).toMatch(/^Warning: .*--quitquitquit/m);
  return 'unchanged, with a warning that names `--quitquitquit`';
}
