import { describe, expect, it } from 'vitest';
import { parseObjectNames, parseObjectWords } from '../../../src/commands/live/object-names.ts';

const job = (name: string) => ({ kind: 'Job', name });

describe('parseObjectNames', () => {
  it.each<[words: string[], names: object[]]>([
    [
      ['job/a', 'cj/b', 'po/c'],
      [job('a'), { kind: 'CronJob', name: 'b' }, { kind: 'Pod', name: 'c' }],
    ],
    [
      ['jobs', 'a', 'b'],
      [job('a'), job('b')],
    ],
    [['jobs.batch/a'], [job('a')]],
    [['a'], [job('a')]],
    [['job'], [job('job')]],
    [['JOB/a'], [job('a')]],
  ])('%j', (words, names) => expect(parseObjectNames(words, 'Job')).toEqual({ ok: true, value: names }));

  it.each([
    ['cronjbo/a', 'expected a job, a cronjob or a pod; found cronjbo/a; did you mean cronjob?'],
    ['deploy/a', 'expected a job, a cronjob or a pod; found deploy/a'],
    ['job/', 'expected TYPE/NAME, such as job/report; found job/'],
    ['job/a/b', 'expected TYPE/NAME, such as job/report; found job/a/b'],
    ['job/../secrets', 'expected TYPE/NAME, such as job/report; found job/../secrets'],
    ['a', 'expected TYPE/NAME, such as job/report; found a'],
  ])('refuses %s', (word, problem) => expect(parseObjectNames([word])).toEqual({ ok: false, problem }));
});

describe('parseObjectWords', () => {
  it.each<[words: string[], meant: object]>([
    [['jobs'], { kinds: ['Job'] }],
    [['jobs,po'], { kinds: ['Job', 'Pod'] }],
    [['job/a', 'po/b'], { names: [job('a'), { kind: 'Pod', name: 'b' }] }],
    [['cj', 'a'], { names: [{ kind: 'CronJob', name: 'a' }] }],
  ])('%j', (words, meant) => expect(parseObjectWords(words)).toEqual({ ok: true, value: meant }));

  it('refuses a kind that it does not know', () =>
    expect(parseObjectWords(['jbos'])).toEqual({
      ok: false,
      problem: 'expected TYPE/NAME, such as job/report; found jbos',
    }));
});
