import { describe, expect, it } from 'vitest';
import { describeLivePod, type Known } from '../../src/live-status/pod-state.ts';
import { createFacts } from '../../src/pod/facts.ts';
import { asClockout } from '../../src/util/called.ts';
import { jobPod, proxy } from '../support/pods.ts';

const now = Date.parse('2026-11-21T12:00:00Z');
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();

const known: Known = { apps: [{ name: 'app', restartPolicy: 'Never' }], grace: 0 };
const onFailure: Known = { apps: [{ name: 'app', restartPolicy: 'OnFailure' }], grace: 0 };

const restartOn42 = { action: 'Restart', exitCodes: { operator: 'In', values: [42] } };

const running = (name: string, seconds = 720) => ({ name, state: { running: { startedAt: ago(seconds) } } });
const waiting = (name: string, reason: string) => ({ name, state: { waiting: { reason } } });
const exited = (name: string, exitCode: number, seconds = 720, reason = exitCode === 0 ? 'Completed' : 'Error') => ({
  name,
  state: { terminated: { exitCode, reason, finishedAt: ago(seconds) } },
});
const pod = (containerStatuses: object[], status: object = {}, metadata: object = {}) => ({
  metadata: { name: 'report-x7k2p', namespace: 'jobs', ...metadata },
  status: { phase: 'Running', containerStatuses, ...status },
});

type Case = [string, object, Known, string, string];

describe('what the status of a pod says', () => {
  it.each<Case>([
    [
      'an app that has exited',
      pod([exited('app', 0), running('istio-proxy')]),
      known,
      'hangs',
      'container app exited 12 minutes ago with code 0, and istio-proxy still runs',
    ],
    [
      'an app that was killed',
      pod([exited('app', 137, 61, 'OOMKilled'), running('istio-proxy'), running('vault-agent')]),
      known,
      'hangs',
      'container app exited 1 minute ago with code 137 (OOMKilled), and istio-proxy and vault-agent still run',
    ],
    [
      'a failure that is the end',
      pod([exited('app', 3, 7200), running('istio-proxy')]),
      known,
      'hangs',
      'container app exited 2 hours ago with code 3, and istio-proxy still runs',
    ],
    [
      'a failure that is not the end',
      pod([exited('app', 3, 2), running('istio-proxy')]),
      onFailure,
      'runs',
      'container app exited 2 seconds ago with code 3 and is started again',
    ],
    [
      'an exit code with which it is started again',
      pod([exited('app', 42, 2), running('istio-proxy')]),
      { ...known, apps: [{ name: 'app', restartPolicy: 'Never', restartPolicyRules: [restartOn42] }] },
      'runs',
      'container app exited 2 seconds ago with code 42 and is started again',
    ],
    [
      'a success under OnFailure',
      pod([exited('app', 0, 0), running('istio-proxy')]),
      onFailure,
      'hangs',
      'container app exited just now with code 0, and istio-proxy still runs',
    ],
    [
      'a wrapped app that has just exited',
      pod([exited('app', 0, 60), running('istio-proxy')]),
      { ...known, grace: 90 },
      'ending',
      'container app exited 1 minute ago with code 0; istio-proxy still runs, and is asked to exit',
    ],
    [
      'a wrapped app that has exited long ago',
      pod([exited('app', 0, 91), running('istio-proxy')]),
      { ...known, grace: 90 },
      'hangs',
      'container app exited 1 minute ago with code 0, and istio-proxy still runs',
    ],
    [
      'sidecars that have exited, too',
      pod([exited('app', 0), exited('istio-proxy', 0)]),
      known,
      'ending',
      'container app exited 12 minutes ago with code 0',
    ],
    [
      'a sidecar that has crashed, and is started again',
      pod([exited('app', 0), waiting('istio-proxy', 'CrashLoopBackOff')]),
      onFailure,
      'ending',
      'container app exited 12 minutes ago with code 0; istio-proxy waits for the kubelet to start it again',
    ],
    [
      'an app that runs',
      pod([running('app'), running('istio-proxy')]),
      known,
      'runs',
      'container app has been running for 12 minutes',
    ],
    [
      'one of two apps that runs',
      pod([exited('app', 0), running('helper', 90_000), running('istio-proxy')]),
      { ...known, apps: [...known.apps, { name: 'helper', restartPolicy: 'Never' }] },
      'runs',
      'container app exited 12 minutes ago with code 0, container helper has been running for 1 day',
    ],
    [
      'an app that cannot start',
      pod([waiting('app', 'ImagePullBackOff'), running('istio-proxy')]),
      known,
      'runs',
      'container app does not run: ImagePullBackOff',
    ],
    [
      'a pod without a node',
      pod([], {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' }],
      }),
      known,
      'pending',
      'it has not started: 0/3 nodes',
    ],
    [
      'an init container that does not come up',
      pod([waiting('app', 'PodInitializing')], {
        phase: 'Pending',
        initContainerStatuses: [waiting('clockout-init', 'ErrImagePull')],
      }),
      known,
      'pending',
      'it has not started: container clockout-init waits (ErrImagePull)',
    ],
    [
      'an init container that runs',
      pod([waiting('app', 'PodInitializing')], { phase: 'Pending', initContainerStatuses: [running('istio-proxy')] }),
      known,
      'pending',
      'it has not started: container istio-proxy still runs',
    ],
    ['a pod without any status of containers', pod([]), known, 'pending', 'it has not started'],
    [
      'a pod that is deleted',
      pod([exited('app', 0), running('istio-proxy')], {}, { deletionTimestamp: ago(1) }),
      known,
      'ending',
      'it is being deleted',
    ],
    [
      'a pod that has succeeded',
      pod([exited('app', 0, 7300), exited('istio-proxy', 0, 7200)], { phase: 'Succeeded' }),
      known,
      'finished',
      'Succeeded, 2 hours ago',
    ],
    [
      'a pod whose deadline was over',
      pod([exited('app', 137, 60)], { phase: 'Failed', reason: 'DeadlineExceeded' }),
      known,
      'finished',
      'Failed, 1 minute ago: DeadlineExceeded',
    ],
    [
      'times that are none',
      pod([exited('app', 0, 0)].map((each) => ({ ...each, state: { terminated: { exitCode: 0, finishedAt: 'x' } } }))),
      known,
      'ending',
      'container app exited with code 0',
    ],
  ])('%s', (_, object, of, state, sentence) => {
    expect(describeLivePod(object, of, now)).toMatchObject({ state, sentence });
  });

  it.each([
    ['a manifest', {}],
    ['one of kubectl create --dry-run', { status: {} }],
    ['a status that is none', { status: 'Running' }],
  ])('nothing: %s', (_, object) => expect(describeLivePod(object, known, now)).toBeUndefined());

  describe('how to end it and keep its result', () => {
    const annotations = { 'clockout.dev/exclude-containers': 'more' };
    const containers = [{ name: 'app' }, { name: 'vector', image: 'timberio/vector:0.40' }, { name: 'more' }, proxy()];
    const advise = { facts: createFacts(jobPod({ annotations, spec: { containers } })), called: asClockout };
    const liveOf = (object: object, of = advise) => describeLivePod(object, { ...known, advise: of }, now);
    const hanging = [exited('app', 0), running('istio-proxy')];
    const end = 'to end it and keep its result: clockout end pod/report-x7k2p -n jobs';

    it('is asked of `clockout end`, whichever sidecar runs', () => {
      expect(liveOf(pod(hanging))?.advice).toBe(end);
      expect(liveOf(pod([exited('app', 0), running('vector')]))?.advice).toBe(end);
    });

    it('is not told where `clockout end` cannot do it, or has no name to say', () => {
      expect(liveOf(pod(hanging, {}, { name: '$(reboot)' }))?.advice).toMatch(/^to end it, delete the pod;/);
      expect(liveOf(pod([exited('app', 0), running('more')]))).toMatchObject({
        keeper: 'clockout.dev/exclude-containers names more, and no clockout.dev/quit-urls ends it',
        advice: expect.stringMatching(/ends it; to end it, delete the pod;/),
      });
      const onNode = createFacts(jobPod({ spec: { hostNetwork: true, containers: [{ name: 'app' }, proxy()] } }));
      expect(liveOf(pod(hanging), { ...advise, facts: onNode })?.advice).toMatch(/^it has the node's network/);
    });

    it('is left out where nobody asks', () =>
      expect(describeLivePod(pod(hanging), known, now)?.advice).toBeUndefined());
  });

  it('and shows little of what others have written', () => {
    const live = describeLivePod(pod([], { phase: 'Failed', reason: `\u001b[2J${'x'.repeat(1e6)}` }), known, now);
    expect(live?.sentence).toMatch(/^Failed: {2}\[2Jx{100,}…$/);
    expect(live?.sentence.length).toBeLessThan(300);
  });
});
