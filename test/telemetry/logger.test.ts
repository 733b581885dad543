import { describe, expect, it } from 'vitest';
import { admitPod } from '../../src/admission/admit.ts';
import type { AdmissionRequest } from '../../src/admission/review.ts';
import type { Treatment } from '../../src/admission/treatment.ts';
import type { Strategy } from '../../src/pod/annotations/table.ts';
import type { Pod } from '../../src/pod/schema.ts';
import { createLogger, logOutcome } from '../../src/telemetry/logger.ts';
import { app, classicPod, jobPod, withStrategy } from '../support/pods.ts';

type Options = {
  level?: string;
  refused?: boolean;
  name?: string;
  strategy?: Strategy;
  treatment?: Treatment;
  isRepeated?: boolean;
};

async function logged(
  pod: Pod,
  { level = 'debug', refused = false, name = '', strategy = 'wrap', treatment, isRepeated }: Options = {},
) {
  const lines: string[] = [];
  const logger = createLogger(level, { write: (line) => void lines.push(line) });
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const request: AdmissionRequest = { uid: 'u-1', kind, namespace: 'team', name, operation: 'CREATE', object: pod };
  const outcome = await admitPod(pod, { from: 'server' }, withStrategy(strategy));
  logOutcome(logger, { request, pod, outcome, treatment: treatment ?? (refused ? 'refused' : 'admitted') }, isRepeated);
  return lines.map((line) => JSON.parse(line));
}

const secret = app({ env: [{ name: 'PASSWORD', value: 'hunter2' }], args: ['--token=hunter2'] });

describe('logOutcome', () => {
  it('names the containers that are waited for, where there are several and nobody has chosen', async () => {
    const pod = (annotations = {}) =>
      classicPod({ annotations, spec: { containers: [app(), app({ name: 'shipper' })] } });
    const [line] = await logged(pod(), { level: 'info' });
    expect(line?.note).toBe(
      'Clockout waits for each of app, shipper; if one never ends by itself, name it in clockout.dev/exclude-containers, and the URL that ends it in clockout.dev/quit-urls',
    );
    const [chosen] = await logged(pod({ 'clockout.dev/containers': 'app,shipper' }), { level: 'info' });
    expect(chosen).not.toHaveProperty('note');
  });

  it('has an info line for a wrapped pod, with its fields and nothing of its content', async () => {
    const [line, ...more] = await logged(classicPod({ spec: { containers: [secret] } }), { level: 'info' });
    expect(more).toEqual([]);
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      uid: 'u-1',
      namespace: 'team',
      generateName: 'report-',
      operation: 'CREATE',
      dryRun: false,
      outcome: 'patched',
      strategy: 'wrap',
      sidecar: 'injected',
      containers: ['app'],
      msg: 'wrapped the pod',
    });
  });

  it('takes the name from the request, or else from the pod', async () => {
    expect((await logged(jobPod(), { name: 'given' }))[0]).toMatchObject({ name: 'given' });
    expect((await logged(jobPod({ metadata: { name: 'own' } })))[0]).toMatchObject({ name: 'own' });
  });

  it('names the owner of the pod, which has no name yet', async () => {
    const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'Job', name: 'report', controller: true }];
    expect((await logged(jobPod({ metadata: { ownerReferences } })))[0]).toMatchObject({ owner: 'Job/report' });
  });

  it.each([
    [classicPod(), 'observed only: would have wrapped the pod', { wouldBe: 'patched', level: 'info' }],
    [classicPod({ spec: { containers: [app({ command: null })] } }), /^observed only: would have skipped/, {}],
    [jobPod(), /^observed only: would have skipped/, { level: 'debug' }],
  ])('says of an observed pod what would have been done', async (pod, msg, fields) => {
    const [line] = await logged(pod, { treatment: 'observed' });
    expect(line).toMatchObject({ level: 'info', outcome: 'observed', ...fields });
    expect(line.msg).toMatch(msg);
  });

  it('tells the same of a pod only once, except for debug', async () => {
    expect(await logged(classicPod(), { level: 'info', isRepeated: true })).toEqual([]);
    const [line] = await logged(classicPod(), { isRepeated: true });
    expect(line).toMatchObject({ level: 'debug', outcome: 'patched', msg: 'was asked about the same pod again' });
  });

  it('is silent about a pod that needs nothing, except for debug', async () => {
    expect(await logged(jobPod(), { level: 'info' })).toEqual([]);
    expect((await logged(jobPod()))[0]).toMatchObject({ level: 'debug', outcome: 'skipped', reason: 'no-sidecar' });
  });

  it('warns of a pod that cannot be wrapped, with the reason and what its owner was told', async () => {
    const pod = classicPod({ annotations: { 'clockout.dev/quit': 'sometimes' } });
    const [line] = await logged(pod, { level: 'warn' });
    expect(line).toMatchObject({ level: 'warn', outcome: 'skipped', reason: 'invalid-annotation' });
    expect(line.warnings).toHaveLength(1);
    const [refused] = await logged(pod, { refused: true });
    expect(refused).toMatchObject({ outcome: 'refused', msg: expect.stringMatching(/^refused the pod: /) });
  });

  it('names the sidecars that became native', async () => {
    const [line] = await logged(classicPod(), { level: 'info', strategy: 'native' });
    expect(line).toMatchObject({
      outcome: 'patched',
      strategy: 'native',
      sidecars: ['istio-proxy'],
      containers: ['app'],
      msg: 'made the sidecars native of the pod',
    });
  });

  it('warns of a native sidecar that it repaired, with the webhooks that are known to break one', async () => {
    const stripped = jobPod({ spec: { initContainers: [app({ name: 'side', startupProbe: {} })] } });
    const [line] = await logged(stripped, { level: 'warn' });
    expect(line).toMatchObject({
      outcome: 'patched',
      reason: 'no-sidecar',
      repaired: ['side'],
      warnings: [expect.stringContaining('Datadog')],
      msg: 'repaired the native sidecars of the pod',
    });
  });
});
