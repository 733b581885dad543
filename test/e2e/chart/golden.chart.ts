/** The manifests that the chart renders for each file of values. After a change, run `UPDATE_GOLDEN=1 npm run test:chart`, and read the diff. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderDeploy } from '../../../scripts/plain-manifests.ts';
import { chart, helm, template } from './helm.ts';
import { goldenFile, parseManifests, valuesFile, valuesFiles } from './manifests.ts';
import { helms } from './versions.ts';

const release = (name: string) => ({ namespace: 'mesh-jobs', arguments: ['--values', valuesFile(name)] });

/** Helm 3 and 4 differ in the order of kinds that they don't know, and in blank lines between documents. */
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

  it.each(valuesFiles)('renders the golden manifests of the values %s', async (name) => {
    expect(
      existsSync(goldenFile(name)),
      `expected ${goldenFile(name)}; write it with UPDATE_GOLDEN=1 npm run test:chart`,
    ).toBe(true);
    const manifests = await template(major, release(name));
    expect(sorted(manifests)).toEqual(sorted(readFileSync(goldenFile(name), 'utf8')));
  });

  it.each(['app', 'a-clockout', 'x'.repeat(53)])('renders valid names for a release named %s', async (name) => {
    for (const { kind, metadata } of parseManifests(await template(major, { release: name }))) {
      expect(metadata.name, kind).toMatch(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/);
      expect(metadata.name.length, metadata.name).toBeLessThanOrEqual(63);
    }
  });
});

// Helm 3 needs a cluster even for a dry run.
it('the notes say what to do next', async () => {
  const args = ['install', 'clockout', chart, '--dry-run=client', '--namespace', 'mesh-jobs'];
  const optIn = await helm(4, args);
  expect(optIn.stdout).toContain('kubectl label namespace NAMESPACE clockout.dev/inject=enabled');
  expect(optIn.stdout).toContain('helm test -n mesh-jobs clockout');
  expect(optIn.stdout).toContain(
    `kubectl patch mutatingwebhookconfiguration zz-clockout --type merge --patch '{"webhooks":[]}'`,
  );
  // Not those of a test that has failed, of which kubectl has no log.
  expect(optIn.stdout).toContain(
    'kubectl logs -n mesh-jobs -l app.kubernetes.io/name=clockout,app.kubernetes.io/instance=clockout --tail=-1',
  );
  expect(optIn.stdout).toContain("asks the image's registry without credentials.");
  expect(optIn.stdout).toContain('it skips the pod, with a warning.');
  const cluster = await helm(4, [...args, '--set', 'mode=cluster,webhook.failurePolicy.jobs=Fail,replicas=1']);
  expect(cluster.stdout).toContain('clockout.dev/inject=disabled');
  expect(cluster.stdout).toContain('refuses all Job pods in the cluster');
  expect(cluster.stdout).toContain('With one replica');
  const notes = async (set: string) => (await helm(4, [...args, '--set', set])).stdout.replaceAll(/\s+/g, ' ');
  expect(await notes('endHanging.enabled=false')).toContain('npm run -s clockout -- end --hanging --all-namespaces');
  expect(await notes('endHanging.enabled=true,endHanging.namespaces={shop}')).toContain(
    'The CronJob clockout-end-hanging ends the pods of Jobs that hang in the namespaces shop, at the schedule "*/10 * * * *".',
  );
  expect(await notes('prometheusRule.enabled=true')).toContain('ClockoutProxyOutlivesApp those of kube-state-metrics');
  expect(optIn.stdout).not.toContain('kube-state-metrics');
  expect(await notes('mode=observe')).toContain("grep 'observed only'");
  expect(await notes('strategy=native')).toContain('have the init container istio-proxy.');
  expect(await notes('wrapper.image=r.example.com/busybox')).toContain('pulls r.example.com/busybox,');
  expect(await notes('global.imageRegistry=r.example.com')).toContain('WARNING: global.imageRegistry has no effect');
  expect(await notes('registry.lookup=false')).toContain('does not ask registries, because registry.lookup is false.');
  expect(await notes('registry.clouds={ecr},webhook.anyPodMayAsk=true')).toContain(
    "asks the image's registry with its own credentials.",
  );
  expect(await notes('registry.pullSecrets=true,webhook.anyPodMayAsk=true,onUnwrappable=refuse')).toContain(
    "with the pod's pull secrets. If Clockout finds no entrypoint, it refuses the pod.",
  );
  expect(
    await notes('registry.pullSecrets=true,webhook.anyPodMayAsk=true,registry.pullSecretNamespaces={shop,reports}'),
  ).toContain("with the pod's pull secrets (only in the namespaces shop, reports). If Clockout");
});

it.each([
  'nameOverride=job-ender',
  'fullnameOverride=ends-jobs',
  'nameOverride=job-ender,fullnameOverride=ends-jobs,endHanging.enabled=true,native.askIstio=true',
])('the notes name objects that are there, with %s', async (set) => {
  const args = ['--set', set];
  const { stdout } = await helm(4, ['install', 'r1', chart, '--dry-run=client', '--namespace', 'mesh-jobs', ...args]);
  const [, notes = ''] = stdout.split('\nNOTES:\n');
  const manifests = parseManifests(await template(4, { release: 'r1', namespace: 'mesh-jobs', arguments: args }));
  const namesOf = (kind: string) => manifests.filter((each) => each.kind === kind).map(({ metadata }) => metadata.name);
  const found = (pattern: RegExp) => [...notes.matchAll(pattern)].map(([, name = '']) => name);

  expect(new Set(found(/deployment\/([\w-]+)/g))).toEqual(new Set(namesOf('Deployment')));
  const turnedOff = found(/kubectl patch mutatingwebhookconfiguration ([\w -]+) --type/g).flatMap((each) =>
    each.split(' '),
  );
  expect(turnedOff.toSorted()).toEqual(namesOf('MutatingWebhookConfiguration').toSorted());
  const labelsOfPods = manifests.map(({ kind, metadata, spec }) =>
    kind === 'Pod' ? metadata.labels : (spec?.template ?? spec?.jobTemplate?.spec.template)?.metadata.labels,
  );
  const selectors = found(/ -n mesh-jobs -l (\S+)/g);
  expect(selectors.length).toBeGreaterThan(1);
  for (const selector of selectors) {
    const pairs = selector.split(',').map((each) => each.split('=') as [string, string]);
    const matches = labelsOfPods.some((labels) => pairs.every(([key, value]) => labels?.[key] === value));
    expect(matches, selector).toBe(true);
  }
});

it.each(await renderDeploy())('$file is up to date (run node scripts/plain-manifests.ts)', (manifest) => {
  expect(manifest.current).toBe(manifest.rendered);
});
