import { afterEach, describe, expect, it } from 'vitest';
import { auditPage } from '../../src/audit/html/page.ts';
import { auditText } from '../../src/audit/text/text.ts';
import { auditCluster } from '../../src/commands/live/audit-cluster.ts';
import { createApi } from '../../src/kubernetes/api/api.ts';
import { asClockout } from '../../src/util/called.ts';
import type { ApiServer } from '../kubernetes/api-server.ts';
import { app, jobPod } from '../support/pods.ts';
import { type Objects, startCluster } from './cluster.ts';
import {
  clockoutServer,
  clockoutWebhooks,
  cronJob,
  exited,
  finished,
  istiod,
  istioWebhooks,
  job,
  live,
  namespace,
  node,
  now,
  suspend,
} from './objects.ts';

let api: ApiServer;
afterEach(() => api.close());

async function audit(objects: Objects) {
  api = await startCluster({
    namespaces: [namespace('plain'), namespace('shop', { 'istio-injection': 'enabled' })],
    nodes: [node('v1.32.1')],
    mutatingwebhookconfigurations: [istioWebhooks(), clockoutWebhooks()],
    deployments: [istiod('1.26.4'), clockoutServer('wrap')],
    ...objects,
  });
  const audited = await auditCluster(await createApi(api.config), { scope: undefined, now });
  if (!audited.ok) throw new Error(audited.problem);
  return audited.value;
}

const plain = (name: string, schedule: string, last?: string) => ({
  ...cronJob('plain', name, jobPod({ spec: { containers: [app()] } }), schedule),
  status: last === undefined ? {} : { lastScheduleTime: last },
});
const ran = (cronJobName: string) => ({
  jobs: [job('plain', `${cronJobName}-1`, { cronJob: cronJobName, status: finished })],
  pods: [live('plain', `${cronJobName}-1`, jobPod({ spec: { containers: [app()] } }), [exited('app', 0)], 'Succeeded')],
});

const why =
  'A CronJob can be suspended, or have a schedule that never comes or that cannot be read. To see a run, start one: kubectl create job TRY -n NAMESPACE --from=cronjob/NAME';

describe('the horizon of a verdict', () => {
  it('names a CronJob that runs monthly, of which no pod is there, and the day to wait for', async () => {
    const cronjobs = [plain('hourly', '@hourly'), plain('report', '0 3 1 * *', '2026-11-01T03:00:00Z')];
    const report = await audit({ cronjobs, ...ran('hourly') });
    expect(report.verdict.kind).toBe('safe-to-remove');
    expect(report.horizon).toEqual({
      cronJobs: 2,
      unseen: [
        { namespace: 'plain', name: 'report', last: '2026-11-01T03:00:00.000Z', next: '2026-12-01T03:00:00.000Z' },
      ],
      wait: '2026-12-01',
      sentences: [
        '1 of 2 CronJobs has no pod, so the verdict knows only its template: cronjob/report in plain, which ran last on 2026-11-01.',
        'Audit again after 2026-12-01, when cronjob/report in plain runs next. All others with a next run have it before that.',
      ],
    });
    for (const sentence of report.horizon?.sentences ?? []) {
      expect(auditText(report, { color: false, width: undefined, wide: false, called: asClockout })).toContain(
        sentence,
      );
      expect(auditPage(report)).toContain(sentence);
    }
  });

  it.each<[string, Objects, string[]]>([
    [
      'one that has never run',
      { cronjobs: [plain('report', '@monthly')] },
      [
        'The one CronJob has no pod, so the verdict knows only its template: cronjob/report in plain, which has never run.',
        'Audit again after 2026-12-01, when cronjob/report in plain runs next.',
      ],
    ],
    [
      'one that has run',
      { cronjobs: [plain('nightly', '0 2 * * *')], ...ran('nightly') },
      ['Audit again after 2026-11-22, when cronjob/nightly in plain runs next.'],
    ],
    [
      'one that is suspended',
      { cronjobs: [suspend(plain('nightly', '0 2 * * *'))], ...ran('nightly') },
      [`No next run is known of 1 CronJob: cronjob/nightly in plain. ${why}`],
    ],
    [
      'several that have never run, one with a schedule that cannot be read',
      { cronjobs: [plain('nightly', '0 2 * * *'), plain('odd', '@every 1.5h')] },
      [
        '2 of 2 CronJobs have no pods, so the verdict knows only their templates: cronjob/nightly in plain, which has never run, cronjob/odd in plain, which has never run.',
        'Audit again after 2026-11-22, when cronjob/nightly in plain runs next. All others with a next run have it before that.',
        `No next run is known of 1 CronJob: cronjob/odd in plain. ${why}`,
      ],
    ],
  ])('of %s', async (_, objects, sentences) => {
    const report = await audit(objects);
    expect(report.horizon?.sentences).toEqual(sentences);
  });

  it.each<[string, Objects]>([
    ['without CronJobs', { ...ran('nightly') }],
    ['that says to keep Clockout', { cronjobs: [cronJob('shop', 'nightly')] }],
  ])('is none for a verdict %s', async (_, objects) => expect((await audit(objects)).horizon).toBeUndefined());

  it('is bounded, however many CronJobs there are', async () => {
    const cronjobs = Array.from({ length: 1000 }, (_, i) => plain(`report-${i}`, '0 0 30 2 *'));
    const { horizon } = await audit({ cronjobs });
    expect(horizon).toMatchObject({ cronJobs: 1000, wait: null });
    expect(horizon?.unseen).toHaveLength(100);
    for (const sentence of horizon?.sentences ?? []) expect(sentence.length).toBeLessThan(600);
  });
});
