/** `clockout explain job/NAME` and `kubectl clockout`, on a real cluster with Jobs of every fate. */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubectl } from '../clients.ts';
import { run } from '../exec.ts';
import { installClockout } from '../install.ts';
import { kubeconfig } from '../kubeconfigs.ts';
import { root } from '../paths.ts';
import { api, app, createJob, isRunning, makeNamespace, meshed, podWhen, removeNamespaces, statusOf } from './kube.ts';

const program = join(root, 'dist', 'clockout.mjs');
const long = { spec: { containers: [app({ SLEEP: 600 })] } };
const classic = { 'sidecar.istio.io/nativeSidecar': 'false' };

let mesh: string;
let wrapping: string;

beforeAll(async () => {
  await installClockout();
  [mesh, wrapping] = await Promise.all([makeNamespace({ 'istio-injection': 'enabled' }), makeNamespace(meshed)]);
});
afterAll(removeNamespaces);

/** What it prints, and what it says on standard error. */
async function explain(...words: string[]): Promise<{ code: number; stdout: string }> {
  const command = [process.execPath, program, 'explain', '--kubeconfig', kubeconfig('admin'), ...words];
  const text = await run(['sh', '-c', '"$@" 2>&1; echo "code $?"', 'sh', ...command]);
  const [, stdout = '', code] = /^(.*)code (\d+)\n?$/s.exec(text) ?? [];
  return { code: Number(code), stdout };
}

describe.concurrent('explain says of a Job', () => {
  it('that hangs without Clockout: why, and how to end it', async () => {
    await createJob(mesh, 'hung', { annotations: classic, spec: { containers: [app({ CODE: 0 })] } });
    const pod = await podWhen(mesh, 'hung', 'hangs', (each) => statusOf(each, 'app')?.state.terminated !== undefined);
    const { code, stdout } = await explain('job/hung', '-n', mesh, '--exit-code');
    expect(code).toBe(3);
    const inNamespace = `the namespace ${mesh} has the label istio-injection: enabled`;
    expect(stdout).toContain(`Job ${mesh}/hung: HANGS\n  Istio: istio-proxy is injected, because ${inNamespace}\n`);
    expect(stdout).toContain('(revision default)\n    it is classic: ');
    expect(stdout).toContain('  Clockout: is not called for a new pod: neither the pod nor the namespace');
    expect(stdout).toContain(`Pod ${mesh}/${pod.metadata.name} (Job hung): HANGS\n`);
    expect(stdout).toMatch(/HANGS now: container app exited .* with code 0, and istio-proxy still runs\n/);
    const end = `clockout end --kubeconfig ${kubeconfig('admin')} job/hung`;
    expect(stdout).toContain(`  to end it and keep its result: ${end} -n ${mesh}\n`);
  });

  it('that is wrapped: by which webhook, after whose, and what happens at each end', async () => {
    await createJob(wrapping, 'wrapped', { ...long, annotations: classic });
    await podWhen(wrapping, 'wrapped', 'runs', (each) => isRunning(each, 'app'));
    const { code, stdout } = await explain('job/wrapped', '-n', wrapping, '--exit-code');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      / 1 {2}istio-sidecar-injector .* Istio\n +2 {2}zz-clockout +namespace\.clockout\.dev +Clockout\n/,
    );
    expect(stdout).toContain(
      '    by the webhook zz-clockout, namespace.clockout.dev (mode opt-in, failurePolicy Fail)\n',
    );
    expect(stdout).toMatch(/exits with code 0 +the proxy is asked to exit; the pod succeeds\n/);
    expect(stdout).toMatch(/ {2}wrapped by Clockout \S+: istio-proxy is in the pod, with its status port at 15020\n/);
  });

  it('that has a native sidecar: that Kubernetes ends it', async () => {
    const annotations = { 'sidecar.istio.io/nativeSidecar': 'true' };
    await createJob(wrapping, 'native', { ...long, annotations });
    await podWhen(wrapping, 'native', 'runs', (each) => isRunning(each, 'app'));
    const { code, stdout } = await explain('job/native', '-n', wrapping, '--exit-code');
    expect(code).toBe(0);
    expect(stdout).toContain('    it is native: the pod has the annotation sidecar.istio.io/nativeSidecar: "true"\n');
    expect(stdout).toContain('istio-proxy is in the pod, as a native sidecar');
  });

  it('outside of the mesh: why it has no sidecar', async () => {
    await createJob(wrapping, 'outside', { ...long, labels: { 'sidecar.istio.io/inject': 'false' } });
    await podWhen(wrapping, 'outside', 'runs', (each) => isRunning(each, 'app'));
    const { code, stdout } = await explain('job/outside', '-n', wrapping, '--exit-code');
    expect(code).toBe(0);
    expect(stdout).toContain(
      '  Istio: istio-proxy is not injected, because the pod has the label sidecar.istio.io/inject: false\n',
    );
    expect(stdout).toContain('  Istio: istio-proxy is not in the pod\n');
  });
});

it('what may not be read is said, and the rest is explained', async () => {
  const name = 'viewer';
  await createJob(mesh, 'seen', { ...long, annotations: classic });
  const subjects = [{ kind: 'ServiceAccount', name: 'default', namespace: mesh }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };
  const metadata = { name, namespace: mesh };
  await api.create({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata, subjects, roleRef });
  await podWhen(mesh, 'seen', 'runs', (each) => isRunning(each, 'app'));
  const { code, stdout } = await explain('job/seen', '-n', mesh, '--as', `system:serviceaccount:${mesh}:default`);
  expect(code).toBe(1);
  expect(stdout).toContain('you may not list mutatingwebhookconfigurations.admissionregistration.k8s.io');
  expect(stdout).toContain('  Istio: istio-proxy is in the pod, as a classic sidecar');
});

it('kubectl runs it as a plugin', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'clockout-'));
  try {
    symlinkSync(program, join(directory, 'kubectl-clockout'));
    const env = { ...process.env, PATH: [directory, dirname(process.execPath), process.env.PATH].join(':') };
    const help = await run([`${kubectl[0]}`, 'clockout', 'explain', '--help'], { env });
    expect(help).toContain('Usage: kubectl clockout explain [options] [type/name...]');
    expect(help).toContain('  kubectl clockout explain job/report -n shop\n');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
