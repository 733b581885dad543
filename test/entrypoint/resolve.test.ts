import { describe, expect, it } from 'vitest';
import { describeProblem } from '../../src/admission/warnings.ts';
import { type AskForImage, type ImageAnswer, resolveEntrypoint } from '../../src/entrypoint/resolve.ts';
import { resolveEntrypoints } from '../../src/entrypoint/resolve-all.ts';
import { createFacts } from '../../src/pod/facts.ts';
import { wrapperCommand } from '../../src/pod/names.ts';
import type { Container } from '../../src/pod/schema.ts';
import { jobPod } from '../support/pods.ts';

const found: ImageAnswer = { found: true, digest: 'sha256:0', entrypoint: ['/app'], cmd: ['serve', '$HOME'] };

const resolve = (container: Partial<Container>, annotated?: string[]) =>
  resolveEntrypoint({ name: 'app', image: 'app:1', ...container }, annotated, found);

describe('what a container runs', () => {
  it.each<[string, Partial<Container>, string[] | undefined, object]>([
    [
      "the manifest's command",
      { command: ['/a'], args: ['b'] },
      undefined,
      { argv: ['/a', 'b'], source: 'pod', words: 1 },
    ],
    ['the annotation and its args', { args: ['b'] }, ['/a'], { argv: ['/a', 'b'], source: 'annotation', words: 1 }],
    ['the annotation alone', {}, ['/a'], { argv: ['/a'], source: 'annotation', words: 1 }],
    [
      'ENTRYPOINT and CMD, which no kubelet expands',
      {},
      undefined,
      { argv: ['/app', 'serve', '$$HOME'], source: 'image', words: 3, image: 'sha256:0' },
    ],
    [
      'ENTRYPOINT and its args',
      { args: ['$(B)'] },
      undefined,
      { argv: ['/app', '$(B)'], source: 'image', words: 1, image: 'sha256:0' },
    ],
    ['an empty command counts as no command', { command: [] }, undefined, { source: 'image' }],
  ])('%s', (_, container, annotated, entrypoint) =>
    expect(resolve(container, annotated)).toMatchObject({ ok: true, value: { entrypoint, problems: [] } }),
  );

  it('asks nobody where the manifest or the annotation says it', () => {
    const ask = () => Promise.reject(new Error('asked'));
    const annotations = { 'clockout.dev/entrypoint': '["/a"]' };
    for (const pod of [
      jobPod({ spec: { containers: [{ name: 'app', image: 'app:1', command: ['/a'] }] } }),
      jobPod({ metadata: { annotations }, spec: { containers: [{ name: 'app', image: 'app:1' }] } }),
    ])
      expect(resolveEntrypoints(createFacts(pod), ask)).toMatchObject({ ok: true });
  });

  it('warns of an annotation that has no effect next to a command', () =>
    expect(resolve({ command: ['/a'] }, ['/b'])).toEqual({
      ok: true,
      value: {
        entrypoint: { argv: ['/a'], source: 'pod', words: 1 },
        problems: [{ code: 'entrypoint-unused', container: 'app' }],
      },
    }));

  it.each<[string, ImageAnswer | undefined, string[]]>([
    [
      'there is no registry to ask',
      undefined,
      ['container app: its entrypoint is unknown, because it has no command; set its'],
    ],
    [
      'its image has neither',
      { found: true, digest: 'sha256:0', entrypoint: [], cmd: [] },
      ['container app: its entrypoint is unknown, because its image has no ENTRYPOINT and no CMD; set its'],
    ],
    [
      'the registry does not tell',
      { found: false, problems: ['it asks for credentials', 'the Secret a is not there'] },
      [
        'container app: its entrypoint is unknown, because the lookup in its registry failed; set its',
        'container app: it asks for credentials',
        'container app: the Secret a is not there',
      ],
    ],
  ])('is unknown where %s, and it says what to do', (_, answer, problems) => {
    const container = { name: 'app', image: 'app:1' };
    const result = resolveEntrypoint(container, undefined, answer);
    const found = result.ok ? [] : result.problem.map(describeProblem);
    expect(found).toEqual(problems.map((problem) => expect.stringContaining(problem)));
  });
});

describe('for one pod', () => {
  it('an image is looked up once, however many of its containers have it', async () => {
    const asked: string[] = [];
    const ask: AskForImage = async (image) => {
      asked.push(image);
      return found;
    };
    const containers = Array.from({ length: 200 }, (_, i) => ({ name: `app-${i}`, image: `app:${i % 2}` }));
    expect(await resolveEntrypoints(createFacts(jobPod({ spec: { containers } })), ask)).toMatchObject({ ok: true });
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
