import { describe, expect, it } from 'vitest';
import { sameEffective } from '../../../src/inject/native/effective.ts';
import type { Container, PodSpec } from '../../../src/pod/schema.ts';

const container = (name: string, memory: string, more: Partial<Container> = {}): Container => ({
  name,
  resources: { limits: { memory } },
  ...more,
});

const spec = (initContainers: Container[], containers: Container[]): PodSpec => ({ initContainers, containers });

const native = { restartPolicy: 'Always' };

describe('whether two pods request the same', () => {
  it.each<[string, PodSpec, PodSpec, boolean]>([
    [
      'a sidecar before an init container of the same size adds to it',
      spec([container('init', '1Gi')], [container('app', '0'), container('proxy', '64Mi')]),
      spec([container('proxy', '64Mi', native), container('init', '1Gi')], [container('app', '0')]),
      false,
    ],
    [
      'after it, it does not',
      spec([container('init', '1Gi')], [container('app', '0'), container('proxy', '64Mi')]),
      spec([container('init', '1Gi'), container('proxy', '64Mi', native)], [container('app', '0')]),
      true,
    ],
    [
      'one byte of an exbibyte',
      spec([], [container('app', '1Ei')]),
      spec([], [container('app', `${2n ** 60n + 1n}`)]),
      false,
    ],
    ['the same in other units', spec([], [container('app', '1Gi')]), spec([], [container('app', '1024Mi')]), true],
    [
      'tenths',
      spec(
        [],
        ['0.1', '0.2'].map((it) => container(it, it)),
      ),
      spec([], [container('app', '300m')]),
      true,
    ],
  ])('%s', (_, a, b, same) => expect(sameEffective(a, b)).toBe(same));
});
