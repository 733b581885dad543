/** Whatever the proxy is like, the app starts with it, and it ends with the app. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildImages, importImage, istioImages } from '../images.ts';
import {
  app,
  containerOf,
  createJob,
  exitCode,
  isRunning,
  isWrapped,
  jobEnd,
  killContainer,
  makeNamespace,
  meshed,
  podWhen,
  removeNamespaces,
  runJob,
  statusOf,
} from './kube.ts';

const proxyImage = `${istioImages.hub}/proxyv2:${istioImages.tag}`;
let namespace: string;

beforeAll(async () => {
  namespace = await makeNamespace(meshed);
});
afterAll(removeNamespaces);

describe.concurrent('a Job ends', () => {
  it('whose proxy is told to start before the app (holdApplicationUntilProxyStarts)', async () => {
    const { result, pod } = await runJob(namespace, 'hold', {
      annotations: { 'proxy.istio.io/config': '{"holdApplicationUntilProxyStarts": true}' },
      spec: { containers: [app({ NEED_PROXY: 1 })] },
    });
    expect(pod.spec.containers[0].name).toBe('istio-proxy');
    expect(result).toBe('Complete');
    expect(exitCode(pod, 'istio-proxy')).toBe(0);
  });

  it("whose proxy has Istio's own hook, and the guard beside it: it ends although its app was killed", async () => {
    await createJob(namespace, 'hold-killed', {
      annotations: { 'proxy.istio.io/config': '{"holdApplicationUntilProxyStarts": true}' },
      spec: { containers: [app({ SLEEP: 600 })] },
    });
    const running = await podWhen(namespace, 'hold-killed', 'runs', (pod) => isRunning(pod, 'app'));
    await killContainer(running, 'app');
    const { pod } = await jobEnd(namespace, 'hold-killed', 30);
    expect(exitCode(pod, 'app')).toBe(137);
    expect(exitCode(pod, 'istio-proxy')).toBe(0);
  });

  it.each([
    ['annotation-port', 'status.sidecar.istio.io/port', '15099', 15099],
    ['config-port', 'proxy.istio.io/config', 'statusPort: 15098\n', 15098],
  ])('whose proxy has another status port (%s)', async (name, annotation, value, port) => {
    const { result, pod } = await runJob(namespace, name, {
      annotations: { [annotation]: value },
      spec: { containers: [app({ NEED_PROXY: 1, STATUS_PORT: port })] },
    });
    expect(result).toBe('Complete');
    expect(exitCode(pod, 'app')).toBe(0);
    expect(exitCode(pod, 'istio-proxy')).toBe(0);
  });

  it("whose proxy's image comes late: the app waits for it", async () => {
    const image = lateImage();
    await createJob(namespace, 'late-awaited', {
      annotations: { 'sidecar.istio.io/proxyImage': image },
      spec: { containers: [app({ NEED_PROXY: 1 })] },
    });
    await comesLate('late-awaited', image);
    const { result, pod } = await jobEnd(namespace, 'late-awaited', 120);
    expect(result).toBe('Complete');
    expect(exitCode(pod, 'istio-proxy')).toBe(0);
  });

  it("whose proxy's image comes when the app, which did not wait, has long ended", async () => {
    const image = lateImage();
    await createJob(namespace, 'late-missed', {
      annotations: {
        'sidecar.istio.io/proxyImage': image,
        'clockout.dev/wait-for-proxy': 'false',
        'clockout.dev/quit-timeout': '3s',
      },
      spec: { containers: [app({ SLEEP: 1 })] },
    });
    await comesLate('late-missed', image, (pod) => exitCode(pod, 'app') === 0);
    const { result, pod } = await jobEnd(namespace, 'late-missed', 120);
    expect(result).toBe('Complete');
    expect(exitCode(pod, 'istio-proxy')).toBe(0);
  });

  it('whose proxy is a native sidecar, without anything from Clockout', async () => {
    const { result, pod } = await runJob(namespace, 'native', {
      annotations: { 'sidecar.istio.io/nativeSidecar': 'true' },
      spec: { containers: [app({ NEED_PROXY: 1 })] },
    });
    expect(result).toBe('Complete');
    expect(isWrapped(pod)).toBe(false);
    expect(containerOf(pod, 'app').command).toEqual(['/app']);
    expect(pod.spec.initContainers.map((each: { name: string }) => each.name)).toEqual(['istio-proxy']);
  });

  it('whose app has a hook that runs before the proxy can start', async () => {
    const { result } = await runJob(namespace, 'post-start', {
      spec: { containers: [app({ SLEEP: 5 }, { lifecycle: { postStart: { sleep: { seconds: 2 } } } })] },
    });
    expect(result).toBe('Complete');
  });

  it('whose proxy has no status port: the guard ends the proxy with TERM', async () => {
    const { result, pod } = await runJob(namespace, 'no-port', {
      annotations: { 'status.sidecar.istio.io/port': '0' },
      spec: { containers: [app({ SLEEP: 2 })] },
    });
    expect(result).toBe('Complete');
    expect(exitCode(pod, 'istio-proxy')).toBe(0);
  });

  it('whose proxy has no Envoy, and crashes on each quit (template grpc-agent)', async () => {
    const { result, pod } = await runJob(
      namespace,
      'grpc-agent',
      { annotations: { 'inject.istio.io/templates': 'grpc-agent' }, spec: { containers: [app({ SLEEP: 2 })] } },
      90,
    );
    expect(result).toBe('Complete');
    expect(exitCode(pod, 'istio-proxy')).toBe(0);
  });
});

/** An image that no cluster has, not even one on which these tests ran before. */
const lateImage = (): string => `${istioImages.hub}/proxyv2:late-${randomUUID()}`;

/** Waits until the kubelet has missed the image, 15 s more and perhaps for something else, and brings it then. */
async function comesLate(job: string, image: string, also: (pod: unknown) => boolean = () => true): Promise<void> {
  await podWhen(
    namespace,
    job,
    "misses its proxy's image",
    (pod) => statusOf(pod, 'istio-proxy')?.state.waiting?.reason?.includes('ImagePull') && also(pod),
  );
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  const archive = (await buildImages()).find((path) => path.includes('image-proxyv2-'));
  await importImage(archive ?? '', { from: proxyImage, to: image });
}
