import { describe, expect, it } from 'vitest';
import { describeProblem } from '../../src/admission/warnings.ts';
import { type AskForImage, resolveEntrypoint } from '../../src/entrypoint/resolve.ts';
import { rememberAnswers, resolveEntrypoints } from '../../src/entrypoint/resolve-all.ts';
import { createFacts } from '../../src/pod/facts.ts';
import { wrapperCommand } from '../../src/pod/names.ts';
import type { Container } from '../../src/pod/schema.ts';
import { jobPod } from '../support/pods.ts';

const found: AskForImage = async () => ({
  found: true,
  digest: 'sha256:0',
  entrypoint: ['/app'],
  cmd: ['serve', '$HOME'],
});

const resolve = (container: Partial<Container>, { annotated, lookup = found }: Options = {}) => {
  const whole = { name: 'app', image: 'app:1', ...container };
  return resolveEntrypoint(whole, annotated, lookup);
};
type Options = { annotated?: string[]; lookup?: AskForImage };

describe('what a container runs', () => {
  it.each<[string, Partial<Container>, Options, object]>([
    ["the manifest's command", { command: ['/a'], args: ['b'] }, {}, { argv: ['/a', 'b'], source: 'pod', words: 1 }],
    [
      'the annotation and its args',
      { args: ['b'] },
      { annotated: ['/a'] },
      { argv: ['/a', 'b'], source: 'annotation', words: 1 },
    ],
    ['the annotation alone', {}, { annotated: ['/a'] }, { argv: ['/a'], source: 'annotation', words: 1 }],
    [
      'ENTRYPOINT and CMD, which no kubelet expands',
      {},
      {},
      { argv: ['/app', 'serve', '$$HOME'], source: 'image', words: 3, image: 'sha256:0' },
    ],
    [
      'ENTRYPOINT and its args',
      { args: ['$(B)'] },
      {},
      { argv: ['/app', '$(B)'], source: 'image', words: 1, image: 'sha256:0' },
    ],
    ['an empty command counts as no command', { command: [] }, {}, { source: 'image' }],
  ])('%s', async (_, container, options, entrypoint) =>
    expect(await resolve(container, options)).toMatchObject({ ok: true, value: { entrypoint, problems: [] } }),
  );

  it('asks nobody where the manifest or the annotation says it', async () => {
    const lookup = () => Promise.reject(new Error('asked'));
    expect(await resolve({ command: ['/a'] }, { lookup })).toMatchObject({ ok: true });
    expect(await resolve({}, { annotated: ['/a'], lookup })).toMatchObject({ ok: true });
  });

  it('warns of an annotation that has no effect next to a command', async () =>
    expect(await resolve({ command: ['/a'] }, { annotated: ['/b'] })).toEqual({
      ok: true,
      value: {
        entrypoint: { argv: ['/a'], source: 'pod', words: 1 },
        problems: [{ code: 'entrypoint-unused', container: 'app' }],
      },
    }));

  it.each<[string, AskForImage | undefined, string[]]>([
    [
      'there is no registry to ask',
      undefined,
      ['container app: its entrypoint is unknown, because it has no command; set its'],
    ],
    [
      'its image has neither',
      async () => ({ found: true, digest: 'sha256:0', entrypoint: [], cmd: [] }),
      ['container app: its entrypoint is unknown, because its image has no ENTRYPOINT and no CMD; set its'],
    ],
    [
      'the registry does not tell',
      async () => ({ found: false, problems: ['it asks for credentials', 'the Secret a is not there'] }),
      [
        'container app: its entrypoint is unknown, because the lookup in its registry failed; set its',
        'container app: it asks for credentials',
        'container app: the Secret a is not there',
      ],
    ],
  ])('is unknown where %s, and it says what to do', async (_, lookup, problems) => {
    const container = { name: 'app', image: 'app:1' };
    const result = await resolveEntrypoint(container, undefined, lookup);
    const found = result.ok ? [] : result.problem.map(describeProblem);
    expect(found).toEqual(problems.map((problem) => expect.stringContaining(problem)));
  });
});

describe('for one pod', () => {
  it('an image is looked up once, however many of its containers have it', async () => {
    const asked: string[] = [];
    const lookup = rememberAnswers(async (image) => {
      asked.push(image);
      return found(image);
    });
    const containers = Array.from({ length: 200 }, (_, i) => ({ name: `app-${i}`, image: `app:${i % 2}` }));
    const answers = await Promise.all(containers.map((each) => resolveEntrypoint(each, undefined, lookup)));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(asked).toEqual(['app:0', 'app:1']);
  });

  const image =
    (length: number): AskForImage =>
    async () => ({
      found: true,
      digest: 'sha256:0',
      entrypoint: ['$'.repeat(length)],
      cmd: [],
    });
  it.each<[string, number, Partial<Container>, AskForImage | undefined, boolean]>([
    ['from an image', 1, {}, image(176_126), true],
    ['from an image, too long', 1, {}, image(176_127), false],
    ['from the image of 200 containers', 200, {}, image(800), true],
    ['from the image of 200 containers, too long together', 200, {}, image(1000), false],
    ['from the pod', 1, { command: ['/app'], args: Array(80_000).fill('') }, undefined, true],
    ['from the pod, too long', 1, { command: ['/app'], args: Array(90_000).fill('') }, undefined, false],
  ])('the commands fit into a patch: one %s', async (_, count, more, lookup, ok) => {
    const containers = Array.from({ length: count }, (_, i) => ({ name: `app-${i}`, image: 'app:1', ...more }));
    const found = await resolveEntrypoints(createFacts(jobPod({ spec: { containers } })), lookup);
    expect(found).toMatchObject(ok ? { ok } : { ok, problem: [{ code: 'over-bound', bound: 'patch' }] });
  });

  it('a command that is wrapped already is not counted', async () => {
    const args = ['name=app', '--', '/app', ...Array(90_000).fill('')];
    const containers = [{ name: 'app', image: 'app:1', command: [...wrapperCommand], args }];
    expect(await resolveEntrypoints(createFacts(jobPod({ spec: { containers } })), undefined)).toMatchObject({
      ok: true,
    });
  });
});
