import { describe, expect, it } from 'vitest';
import { type NamespaceLabel, planEnd, type Wish } from '../../src/end/choose-pods.ts';
import { type PodState, readPodState } from '../../src/end/hanging-pod.ts';
import { app } from '../support/pods.ts';
import { type Changes, exited, hungPod, now, running } from './pods.ts';

const read = (changes: Changes = {}) => readPodState(hungPod(changes), now) as PodState;
const wish = (changes: Partial<Wish> = {}): Wish => ({
  isNamed: false,
  onlyOptedIn: false,
  isKnown: () => true,
  max: 10,
  ...changes,
});
const label = (inject: string) => ({ labels: { 'clockout.dev/inject': inject } });
const quit = (value: string) => ({ annotations: { 'clockout.dev/quit': value } });
const failed = { statuses: [exited('app', 5), running('istio-proxy')] };

describe('planEnd', () => {
  it.each<[string, Changes, NamespaceLabel, Partial<Wish>, string]>([
    ['a namespace without a label', {}, undefined, {}, 'end'],
    ['a namespace that opted out', {}, 'disabled', {}, 'opted out'],
    ['a pod that opted in, in a namespace that opted out', label('true'), 'disabled', {}, 'end'],
    ['a pod that opted out', label('false'), 'enabled', {}, 'opted out'],
    ['a pod whose label is neither', label('no'), 'enabled', {}, 'opted out'],
    ['a pod that wants its sidecars to go on', quit('never'), 'enabled', {}, 'opted out'],
    [
      'one that wants that after a failure, after one',
      { ...quit('on-success'), ...failed },
      'enabled',
      {},
      'opted out',
    ],
    ['one that wants that after a failure, after a success', quit('on-success'), 'enabled', {}, 'end'],
    ['a namespace whose label may not be read', {}, null, {}, 'not known'],
    ['a pod that says it itself', label('true'), null, {}, 'end'],
    ['a namespace that Clockout only observes', {}, 'observe', {}, 'opted out'],
    ['a namespace whose annotations may not be read', label('true'), undefined, { isKnown: () => false }, 'not known'],
    [
      'one whose annotations may not be read, if the pod says it',
      quit('never'),
      undefined,
      { isKnown: () => false },
      'opted out',
    ],
    [
      'one whose annotations may not be read, if the pod is named',
      {},
      undefined,
      { isNamed: true, isKnown: () => false },
      'end',
    ],
    ['a namespace that has not opted in, if that is asked for', {}, undefined, { onlyOptedIn: true }, 'opted out'],
    ['a namespace that has', {}, 'enabled', { onlyOptedIn: true }, 'end'],
    ['a pod that has', label('true'), undefined, { onlyOptedIn: true }, 'end'],
    ['a pod that is named, though its namespace opted out', {}, 'disabled', { isNamed: true }, 'end'],
    [
      'a pod that is named, though it opted out',
      { ...label('false'), ...quit('never') },
      null,
      { isNamed: true },
      'end',
    ],
    ['a pod that nothing ends', { containers: [app(), app({ name: 'netbird' })] }, undefined, {}, 'cannot end'],
    [
      'a pod that runs, though it is named',
      { statuses: [running('app')] },
      undefined,
      { isNamed: true },
      'does not hang',
    ],
  ])('%s: %s', (_, changes, namespaceLabel, wished, action) =>
    expect(planEnd([read(changes)], wish(wished), () => namespaceLabel)).toMatchObject([{ action }]),
  );

  it('takes those first that hang the longest, and no more than it may', () => {
    const endedAgo = (name: string, seconds: number) =>
      read({ name, statuses: [exited('app', 0, seconds), running('istio-proxy')] });
    const pods = [
      endedAgo('a', 10),
      read({ name: 'runs', statuses: [running('app')] }),
      endedAgo('b', 30),
      endedAgo('c', 20),
    ];
    const planned = planEnd(pods, wish({ isNamed: true, max: 2 }), () => undefined);
    expect(planned.map(({ pod, action }) => [pod.name, action])).toEqual([
      ['b', 'end'],
      ['c', 'end'],
      ['a', 'over the limit'],
      ['runs', 'does not hang'],
    ]);
  });
});
