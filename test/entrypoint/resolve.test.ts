import { describe, expect, it } from 'vitest';
import { describeProblem } from '../../src/admission/warnings.ts';
import { type AskForImage, resolveEntrypoint } from '../../src/entrypoint/resolve.ts';
import { rememberAnswers } from '../../src/entrypoint/resolve-all.ts';
import type { Container } from '../../src/pod/schema.ts';

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
});
