import { expect, it } from 'vitest';
import type { Template } from '../../src/image-lookup/warm-up.ts';
import { createTemplateStore, type StoreBounds } from '../../src/kubernetes/template-store.ts';
import { measureHeap } from '../support/heap.ts';
import { amount } from '../support/runs.ts';

function make(bounds?: StoreBounds) {
  const now = new Map<string, Template>();
  const store = createTemplateStore(
    {
      onTemplate: (template) => now.set(template.uid, template),
      onGone: (uid) => {
        if (!now.delete(uid)) throw new Error(`expected ${uid} to have been told of`);
      },
    },
    bounds,
  );
  const put = (uid: string, namespace: string, image = 'app:1.0', joins = false) =>
    store.put('Jobs', { uid, namespace, joins, pod: { spec: { containers: [{ name: 'app', image }] } } }, 1);
  return { now, store, put, uids: () => [...now.keys()] };
}

it('templates that take part come before others, and of those the newest', () => {
  const { store, put, uids } = make({ maxTemplates: 4, maxBytes: 1_000_000 });
  store.join('in', 1);
  for (const uid of ['a', 'b', 'c']) put(uid, 'later');
  for (const uid of ['d', 'e']) put(uid, 'in');
  expect(uids()).toEqual(['d', 'e']);
  store.join('later', 1);
  expect(uids()).toEqual(['d', 'e', 'b', 'c']);
  put('f', 'in');
  put('g', 'out');
  expect(uids()).toEqual(['d', 'e', 'b', 'c']);
  store.forget('d');
  put('f', 'in');
  expect(uids()).toEqual(['e', 'b', 'c', 'f']);
});

it('a template that changed is told anew, and one that grew too large is gone', () => {
  const { store, put, now } = make();
  store.join('in', 1);
  put('a', 'in');
  const before = now.get('a');
  put('a', 'in');
  expect(now.get('a')).toBe(before);
  put('a', 'in', 'app:2.0');
  expect(now.get('a')?.pod.spec.containers[0]?.image).toBe('app:2.0');
  put('a', 'in', 'x'.repeat(20_000));
  expect(now.size).toBe(0);
});

it('what is no longer in one list is forgotten, whatever is in another', () => {
  const { store, put, uids } = make();
  store.join('in', 1);
  put('a', 'in');
  store.put('CronJobs', { uid: 'b', namespace: 'in', joins: false, pod: { spec: { containers: [] } } }, 2);
  store.completeList('CronJobs', 2);
  expect(uids()).toEqual(['a', 'b']);
  store.completeList('Jobs', 2);
  expect(uids()).toEqual(['b']);
});

it('one with a label of its own takes part wherever it is, for as long as it has that label', () => {
  const { store, put, uids } = make();
  put('a', 'out', 'app:1.0', true);
  store.join('out', 1);
  store.leave('out');
  expect(uids()).toEqual(['a']);
  put('a', 'out');
  expect(uids()).toEqual([]);
});

it.each<[string, (i: number) => string]>([
  ['usual', () => 'registry.example.com/team/app:1.0'],
  ['large', (i) => `registry.example.com/${'x'.repeat(8000)}:${i}`],
])('many %s templates that stream by take no more memory than the bound', async (_, image) => {
  const half = amount(50_000);
  const before = await measureHeap();
  const { store, put, now } = make();
  for (let i = 0; i < half; i++) put(`0b7e8a52-4e6b-4b8e-9d7d-${i}`, 'out', image(i));
  store.join('in', 1);
  for (let i = half; i < 2 * half; i++) put(`0b7e8a52-4e6b-4b8e-9d7d-${i}`, 'in', image(i));
  expect(now.size).toBeGreaterThan(900);
  expect(now.size).toBeLessThanOrEqual(10_000);
  expect((await measureHeap()) - before).toBeLessThan(20 * 1024 * 1024);
  store.completeList('Jobs', 2);
  expect(now.size).toBe(0);
  put('0b7e8a52-4e6b-4b8e-9d7d', 'in');
  expect(now.size).toBe(1);
});
