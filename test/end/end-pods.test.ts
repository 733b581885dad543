/** Pods are ended over real connections, against what happens rarely. */
import { afterEach, describe, expect, it } from 'vitest';
import { endPods } from '../../src/end/end-pods.ts';
import { readPodState } from '../../src/end/hanging-pod.ts';
import { createApi } from '../../src/kubernetes/api/api.ts';
import { httpAnswer } from '../kubernetes/streams/channels.ts';
import { app } from '../support/pods.ts';
import { type Behavior, type Cluster, startCluster } from './cluster.ts';
import { type Changes, exited, hungPod, now, running } from './pods.ts';

let cluster: Cluster | undefined;
afterEach(() => cluster?.close());

/** Ends the pods as they were found. */
async function end(
  changes: readonly Changes[],
  behavior: Behavior = {},
  { timeout = 5000, patience = 5000, signal }: { timeout?: number; patience?: number; signal?: AbortSignal } = {},
) {
  cluster = await startCluster(
    changes.map((each) => hungPod(each)),
    behavior,
  );
  const found = [...cluster.pods.values()].flatMap((pod) => readPodState(pod, now) ?? []);
  const api = createApi(cluster.config, { timeout });
  const tools = { api, config: cluster.config, timeout, patience, interval: 20, now: Date.now, signal };
  return await endPods(found, tools);
}

const failed = { statuses: [exited('app', 5), running('istio-proxy')] };
const vault = app({ name: 'vault-agent', image: 'vault:1' });
const forbidden = (message = '') => ({ status: 403, message });

describe('a pod that hangs', () => {
  it('is ended, with the result of its app', async () => {
    expect(await end([{}, { ...failed, name: 'import-1', job: 'import' }])).toEqual([
      { result: 'ended', message: 'pod Succeeded; Job Complete' },
      { result: 'ended', message: 'pod Failed: app exited with code 5; Job Failed: BackoffLimitExceeded' },
    ]);
    expect(cluster?.asked.map(({ what }) => what)).toEqual([':15020/quitquitquit', ':15020/quitquitquit']);
  });

  it('is ended without its Job, if that may not be read', async () => {
    const refuse = (request: string) => (request.includes('/jobs/') ? forbidden() : undefined);
    expect(await end([{}], { refuse })).toEqual([{ result: 'ended', message: 'pod Succeeded' }]);
  });

  it('with two sidecars: Istio comes last', async () => {
    const annotations = { 'vault.hashicorp.com/agent-enable-quit': 'true' };
    expect(await end([{ containers: [app(), vault], annotations }])).toMatchObject([{ result: 'ended' }]);
    expect(cluster?.asked.map(({ what }) => what)).toEqual([':8200/agent/v1/quit', ':15020/quitquitquit']);
  });

  it('by exec if port-forward is forbidden', async () => {
    const refuse = (request: string) =>
      request.startsWith('portforward') ? forbidden('cannot get resource') : undefined;
    expect(await end([{}], { refuse })).toMatchObject([{ result: 'ended' }]);
    expect(cluster?.asked).toEqual([
      { pod: 'report-x7k2p', by: 'exec', what: 'pilot-agent request POST quitquitquit' },
    ]);
  });

  it('by exec if the port answers nothing', async () => {
    const takePort = () => {};
    expect(await end([{}], { takePort }, { timeout: 300 })).toMatchObject([{ result: 'ended' }]);
    expect(cluster?.asked).toMatchObject([{ by: 'exec' }]);
  });

  it('though its proxy exits before it has answered', async () => {
    const takePort: Behavior['takePort'] = (pod, { close, onData }) =>
      onData(() => {
        cluster?.end(pod);
        close();
      });
    expect(await end([{}], { takePort })).toMatchObject([{ result: 'ended' }]);
  });

  it('and whose other URL is closed already', async () => {
    const annotations = {
      'clockout.dev/exclude-containers': 'own',
      'clockout.dev/quit-urls': 'http://localhost:8001/',
    };
    const takePort: Behavior['takePort'] = (pod, channels) => {
      channels.send(1, Buffer.of(0, 0));
      const isFirst = cluster?.requests.filter((each) => each.includes('portforward')).length === 1;
      if (isFirst) channels.send(1, 'connection refused');
      else
        channels.onData(() => {
          cluster?.end(pod);
          channels.close();
        });
    };
    const pod = { containers: [app(), app({ name: 'own' })], annotations };
    expect(await end([pod], { takePort }, { timeout: 500 })).toMatchObject([{ result: 'ended' }]);
  });
});

describe('nothing is asked of a pod', () => {
  it.each<[string, Behavior, object]>([
    [
      'whose name another has by now',
      { onConnect: (pod) => Object.assign(pod.metadata, { uid: 'another' }) },
      { result: 'gone', message: 'another pod has its name now' },
    ],
    [
      'that runs again',
      {
        onConnect: (pod) => Object.assign(pod.status, { containerStatuses: [running('app'), running('istio-proxy')] }),
      },
      { result: 'gone', message: expect.stringMatching(/^container app has been running/) },
    ],
    [
      'that has ended meanwhile',
      { onConnect: (pod) => cluster?.end(pod) },
      { result: 'gone', message: expect.stringMatching(/^Succeeded/) },
    ],
    [
      'that is not there any more',
      { refuse: (request) => (request.startsWith('portforward') ? { status: 404 } : undefined) },
      { result: 'gone', message: 'the pod is not there any more' },
    ],
    [
      'without the rights',
      { refuse: (request) => (/^(portforward|exec)/.test(request) ? forbidden('cannot get resource') : undefined) },
      {
        result: 'not ended',
        message:
          'you may not get pods/portforward in the namespace shop; you may not get pods/exec in the namespace shop',
      },
    ],
  ])('%s', async (_, behavior, outcome) => {
    expect(await end([{}], behavior)).toEqual([outcome]);
    expect(cluster?.asked).toEqual([]);
  });

  it('of which a sidecar could not be ended: then Istio is left, too', async () => {
    const refuse = (request: string) => (request.startsWith('exec') ? forbidden() : undefined);
    const outcomes = await end([{ containers: [app(), vault] }], { refuse });
    expect(outcomes).toEqual([{ result: 'not ended', message: 'you may not create pods/exec in the namespace shop' }]);
    expect(cluster?.asked).toEqual([]);
  });
});

describe('a pod that does not end', () => {
  it('although it was asked to, is not waited for without end', async () => {
    const takePort: Behavior['takePort'] = (_, channels) =>
      channels.onData(() => channels.send(0, `..${httpAnswer(200)}`));
    expect(await end([{}], { takePort }, { patience: 100 })).toEqual([
      { result: 'still runs', message: 'it was asked to end, and has not within 0.1 seconds' },
    ]);
  });

  it('because its proxy answers with an error, and cannot be asked otherwise', async () => {
    const refuse = (request: string) => (request.startsWith('exec') ? forbidden() : undefined);
    const takePort: Behavior['takePort'] = (_, channels) =>
      channels.onData(() => channels.send(0, `..${httpAnswer(500)}`));
    expect(await end([{}], { takePort, refuse })).toEqual([
      {
        result: 'not ended',
        message: 'POST :15020/quitquitquit: status 500; you may not create pods/exec in the namespace shop',
      },
    ]);
  });
});

it('says that the image of a sidecar has no shell, and not what the runtime says of it', async () => {
  const message = `failed to start exec "1a140c39": OCI runtime exec failed: exec: "sh": executable file not found in $PATH`;
  const vector = app({ name: 'vector', image: 'timberio/vector:0.40' });
  const statuses = [exited('app', 0), running('vector'), running('istio-proxy')];
  const execStatus = { status: 'Failure', message };
  expect(await end([{ containers: [app(), vector], statuses }], { execStatus })).toEqual([
    { result: 'not ended', message: 'exec sh in vector: its image has no such program' },
  ]);
});

describe('a command that is stopped', () => {
  it('says of each pod whether it was asked, and asks no other', async () => {
    const stop = new AbortController();
    const many = Array.from({ length: 20 }, (_, i) => ({ name: `report-${i}`, job: `job-${i}` }));
    const takePort: Behavior['takePort'] = (_, channels) =>
      channels.onData(() => {
        channels.send(0, `..${httpAnswer(200)}`);
        stop.abort();
      });
    const outcomes = await end(many, { takePort }, { signal: stop.signal });
    const asked = { result: 'still runs', message: 'it was asked to end; then you stopped the command' };
    expect(outcomes.filter(({ result }) => result === 'still runs')).toEqual(Array.from({ length: 5 }, () => asked));
    const others = outcomes.filter(({ result }) => result !== 'still runs');
    expect(others).toEqual(
      Array.from({ length: 15 }, () => ({ result: 'not tried', message: 'you stopped the command' })),
    );
  });
});

describe('an API server that goes away', () => {
  const many = Array.from({ length: 20 }, (_, i) => ({ name: `report-${i}`, job: `job-${i}` }));

  it('before a pod was asked: nothing is asked of the others', async () => {
    const outcomes = await end(many, { onConnect: () => void cluster?.close() });
    expect(outcomes.filter(({ result }) => result === 'lost').length).toBeGreaterThan(0);
    expect(outcomes.filter(({ result }) => result === 'not tried').length).toBeGreaterThan(10);
    expect(cluster?.asked).toEqual([]);
  });

  it('after a pod was asked: it says that', async () => {
    const takePort: Behavior['takePort'] = (_, channels) =>
      channels.onData(() => {
        channels.send(0, `..${httpAnswer(200)}`);
        void cluster?.close();
      });
    expect(await end([{}], { takePort })).toEqual([
      { result: 'lost', message: expect.stringMatching(/^it was asked to end; then the API server cannot be reached/) },
    ]);
  });
});
