/** What the chart makes of each file of values. On purpose changed: `UPDATE_GOLDEN=1 npm run test:chart`, and read the diff. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderDeploy } from '../../../scripts/chart.ts';
import { chart, helm, template } from './helm.ts';
import { goldenFile, parseManifests, valuesFile, valuesFiles } from './manifests.ts';
import { helms } from './versions.ts';

const release = (name: string) => ({ namespace: 'mesh-jobs', arguments: ['--values', valuesFile(name)] });

/** The two put kinds that they don't know into different orders, and other blank lines between documents. */
const sorted = (text: string) =>
  parseManifests(text).sort((a, b) => `${a.kind} ${a.metadata.name}`.localeCompare(`${b.kind} ${b.metadata.name}`));

if (process.env.UPDATE_GOLDEN) {
  for (const name of valuesFiles) writeFileSync(goldenFile(name), await template(4, release(name)));
}

describe.each(helms)('Helm $major', ({ major }) => {
  it.each(valuesFiles)('lints with the values %s', async (name) => {
    const { code, stdout, stderr } = await helm(major, ['lint', '--strict', chart, '--values', valuesFile(name)]);
    expect(`${stdout}${stderr}`).not.toMatch(/\[(WARNING|ERROR)\]/);
    expect(code).toBe(0);
  });

  it.each(valuesFiles)('makes the golden manifests of the values %s', async (name) => {
    expect(existsSync(goldenFile(name)), `${goldenFile(name)}: UPDATE_GOLDEN=1 npm run test:chart writes it`).toBe(
      true,
    );
    const manifests = await template(major, release(name));
    expect(sorted(manifests)).toEqual(sorted(readFileSync(goldenFile(name), 'utf8')));
  });

  it.each(['app', 'a-clockout', 'x'.repeat(53)])('keeps names valid in a release named %s', async (name) => {
    for (const { kind, metadata } of parseManifests(await template(major, { release: name }))) {
      expect(metadata.name, kind).toMatch(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/);
      expect(metadata.name.length, metadata.name).toBeLessThanOrEqual(63);
    }
  });
});

// Helm 3 asks a cluster even for this.
it('tells what to do next', async () => {
  const args = ['install', 'clockout', chart, '--dry-run=client', '--namespace', 'mesh-jobs'];
  const optIn = await helm(4, args);
  expect(optIn.stdout).toContain('kubectl label namespace NAMESPACE clockout.dev/inject=enabled');
  expect(optIn.stdout).toContain('helm test -n mesh-jobs clockout');
  expect(optIn.stdout).toContain(
    `kubectl patch mutatingwebhookconfiguration zz-clockout --type merge --patch '{"webhooks":[]}'`,
  );
  expect(optIn.stdout).toContain('registry, which is asked without credentials.');
  const cluster = await helm(4, [...args, '--set', 'mode=cluster,webhook.failurePolicy.jobs=Fail,replicas=1']);
  expect(cluster.stdout).toContain('clockout.dev/inject=disabled');
  expect(cluster.stdout).toContain('no Job in the whole cluster');
  expect(cluster.stdout).toContain('with one replica');
  const asked = async (set: string) => (await helm(4, [...args, '--set', set])).stdout.replaceAll(/\s+/g, ' ');
  expect(await asked('registry.lookup=false')).toContain('registries are not asked (registry.lookup)');
  expect(await asked('registry.clouds={ecr},webhook.anyPodMayAsk=true')).toContain(
    "which is asked with Clockout's own credentials.",
  );
  expect(await asked('registry.pullSecrets=true,webhook.anyPodMayAsk=true')).toContain(
    "which is asked with the pod's pull secrets. Where none",
  );
  expect(
    await asked('registry.pullSecrets=true,webhook.anyPodMayAsk=true,registry.pullSecretNamespaces={shop,reports}'),
  ).toContain("which is asked with the pod's pull secrets (in shop, reports only). Where none");
});

it.each(await renderDeploy())('$file is what the chart makes (node scripts/chart.ts writes it)', (manifest) => {
  expect(manifest.current).toBe(manifest.rendered);
});
