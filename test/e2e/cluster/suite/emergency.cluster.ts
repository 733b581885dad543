/** The lines of docs/outages.md that turn Clockout off and on again, as they stand there, under both Helms. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isCrossSection } from '../../../project/cross-section.ts';
import { fetchHelms, folderOf } from '../../chart/helm.ts';
import { helms } from '../../chart/versions.ts';
import type { KubeObject } from '../api.ts';
import { binaries } from '../binaries.ts';
import { run } from '../exec.ts';
import {
  ask,
  configuration,
  deployment,
  importedImage,
  releaseNamespace,
  replicas,
  uninstallClockout,
  writeValues,
} from '../install.ts';
import { kubeconfig } from '../kubeconfigs.ts';
import { inState, root } from '../paths.ts';
import { eventually } from '../progress.ts';
import {
  api,
  createJob,
  isWrapped,
  makeNamespace,
  meshed,
  podWhen,
  removeNamespaces,
  runJob,
  shortJob,
} from './kube.ts';

const [, off = '', on = ''] =
  /^# off: .*\n(kubectl .+)\n# on again, .*\n(helm .+)\n/m.exec(
    readFileSync(join(root, 'docs', 'outages.md'), 'utf8'),
  ) ?? [];

const secret = `/api/v1/namespaces/${releaseNamespace}/secrets/clockout-ca`;
const authority = async (): Promise<string> => (await api.get(secret)).data['ca.crt'];
const bundles = async (): Promise<string[]> =>
  ((await api.get(configuration)).webhooks ?? []).map(({ clientConfig }: KubeObject) => clientConfig.caBundle);

beforeAll(fetchHelms);
afterAll(async () => {
  // Another Helm has installed it.
  await uninstallClockout();
  await removeNamespaces();
});

/** All other tests of the cross-section install with Helm 4. */
const chosen = helms.filter(({ major }) => !isCrossSection || major === 3);

describe.each(chosen)('with Helm $major', (helm) => {
  /** As an administrator types it. */
  const shell = (line: string) =>
    run(['sh', '-c', line], {
      cwd: root,
      env: {
        ...process.env,
        KUBECONFIG: kubeconfig('admin'),
        PATH: `${folderOf(helm)}:${dirname(binaries.kubectl)}:${process.env.PATH}`,
      },
    });

  it('is turned off and on again, with the CA that it had', async () => {
    await uninstallClockout();
    const file = inState('values-emergency.json');
    writeValues(importedImage(), file);
    await shell(
      `helm install clockout charts/clockout --namespace clockout --create-namespace --wait --timeout 90s --values ${file}`,
    );
    const namespace = await makeNamespace(meshed);
    const before = await authority();
    const all = await bundles();
    expect(new Set(all)).toEqual(new Set([before]));

    await shell(off);
    await createJob(namespace, 'while-off', shortJob);
    expect(isWrapped(await podWhen(namespace, 'while-off', 'is made', () => true))).toBe(false);
    const [one] = await replicas(api);
    await eventually('it says that it is off', 30, async () =>
      (await ask(one, '/readyz')).includes('Clockout is turned off'),
    );
    await api.delete(`/api/v1/namespaces/${releaseNamespace}/pods/${one.metadata.name}`);
    await eventually('a new replica is ready', 60, async () => {
      const { status } = await api.get(deployment);
      return (
        status.readyReplicas === 2 && (await replicas(api)).every(({ metadata }) => metadata.name !== one.metadata.name)
      );
    });
    expect(await authority()).toBe(before);

    await shell(on);
    const start = performance.now();
    await eventually('the caBundle is back', 30, async () => `${await bundles()}` === `${all}`);
    console.log(`trusted again ${Math.round(performance.now() - start)} ms after \`helm upgrade\` came back`);
    const { result, pod } = await runJob(namespace, 'on-again', shortJob);
    expect([result, isWrapped(pod)]).toEqual(['Complete', true]);
  });
});
