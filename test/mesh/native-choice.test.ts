import { describe, expect, it } from 'vitest';
import { type Istiod, readIstiod } from '../../src/mesh/istiod.ts';
import { chooseNative, type OldestNode } from '../../src/mesh/native-choice.ts';

const node = (minor: number): OldestNode => ({ name: 'worker-1', version: `v1.${minor}.2`, minor });
const annotation = (value: string) => ({ 'sidecar.istio.io/nativeSidecar': value });

type Row = [
  annotations: Record<string, string>,
  istiod: Istiod | undefined,
  oldestNode: OldestNode | null | undefined,
  native: boolean | undefined,
  because: string,
];

describe('chooseNative', () => {
  it.each<Row>([
    [
      annotation('false'),
      { minor: 29, native: 'true' },
      node(35),
      false,
      'the pod has the annotation sidecar.istio.io/nativeSidecar: "false"',
    ],
    [
      annotation('no'),
      { minor: 29, native: 'false' },
      node(35),
      true,
      'the pod has the annotation sidecar.istio.io/nativeSidecar: "no"',
    ],
    [
      annotation('true'),
      undefined,
      undefined,
      true,
      'the pod has the annotation sidecar.istio.io/nativeSidecar: "true"',
    ],
    [
      annotation('true'),
      { minor: 23, native: undefined },
      node(35),
      false,
      'Istio 1.23 has native sidecars only with ENABLE_NATIVE_SIDECARS=true',
    ],
    [
      annotation('true'),
      { minor: 29, native: 'true' },
      node(28),
      true,
      'the pod has the annotation sidecar.istio.io/nativeSidecar: "true"; the kubelet of worker-1 (v1.28.2) is too old for native sidecars',
    ],
    [
      { 'inject.istio.io/templates': 'sidecar, grpc-agent' },
      { minor: 29, native: 'true' },
      node(35),
      false,
      'the template grpc-agent has no native form',
    ],
    [{}, { minor: 29, native: 'false' }, node(35), false, 'istiod has ENABLE_NATIVE_SIDECARS=false'],
    [{}, { minor: 22, native: 'true' }, node(30), true, 'istiod has ENABLE_NATIVE_SIDECARS=true'],
    [
      {},
      { minor: 29, native: 'auto' },
      node(35),
      true,
      'istiod has ENABLE_NATIVE_SIDECARS=auto, and each kubelet is 1.33 or newer',
    ],
    [
      {},
      { minor: 29, native: undefined },
      node(33),
      true,
      'Istio 1.29 decides by the nodes, and each kubelet is 1.33 or newer',
    ],
    [
      {},
      { minor: 27, native: undefined },
      node(32),
      false,
      'Istio 1.27 decides by the nodes, and the kubelet of worker-1 (v1.32.2) is older than 1.33',
    ],
    [
      {},
      { minor: 29, native: undefined },
      null,
      true,
      'Istio 1.29 decides by the nodes, and each kubelet is 1.33 or newer',
    ],
    [
      {},
      { minor: 29, native: undefined },
      undefined,
      undefined,
      'Istio 1.29 decides by the nodes, and the nodes are not known',
    ],
    [
      {},
      { minor: 26, native: undefined },
      node(35),
      false,
      'Istio 1.26 has native sidecars only with ENABLE_NATIVE_SIDECARS=true',
    ],
    [
      {},
      { minor: undefined, native: undefined },
      node(35),
      undefined,
      'istiod does not set ENABLE_NATIVE_SIDECARS, and its version is not known',
    ],
    [
      {},
      { minor: 29, native: null },
      node(35),
      undefined,
      'istiod has ENABLE_NATIVE_SIDECARS from a place that is not read',
    ],
    [{}, undefined, node(35), undefined, "istiod's Deployment is not known"],
  ])('%j, %j, %j: %s, as %s', (annotations, istiod, oldestNode, native, because) =>
    expect(chooseNative({ annotations, istiod, oldestNode })).toEqual({ native, because }),
  );
});

describe('readIstiod', () => {
  const deployment = (container: object) => ({
    spec: {
      template: {
        spec: {
          containers: [
            { name: 'helper', image: 'x:1.1' },
            { name: 'discovery', ...container },
          ],
        },
      },
    },
  });
  const image = 'registry.example.com/istio/pilot:1.29.1-distroless';

  it.each<[container: object, istiod: Istiod]>([
    [{ image }, { minor: 29, native: undefined }],
    [
      { image, env: [{ name: 'ENABLE_NATIVE_SIDECARS', value: 'true' }] },
      { minor: 29, native: 'true' },
    ],
    [
      { image, env: [{ name: 'ENABLE_NATIVE_SIDECARS' }] },
      { minor: 29, native: '' },
    ],
    [{ env: [{ name: 'ENABLE_NATIVE_SIDECARS', valueFrom: {} }] }, { minor: undefined, native: null }],
    [
      { image: 'pilot@sha256:00', envFrom: [{}] },
      { minor: undefined, native: null },
    ],
  ])('%j', (container, istiod) => expect(readIstiod(deployment(container))).toEqual(istiod));

  it.each([[undefined], [{}], [{ spec: null }]])('knows nothing from %j', (broken) =>
    expect(readIstiod(broken)).toEqual({ minor: undefined, native: undefined }),
  );
});
