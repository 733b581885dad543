import { describe, expect, it } from 'vitest';
import { type LookupImageConfig, lookupOnce, resolveEntrypoint } from '../../src/entrypoint/resolve.ts';
import type { Container } from '../../src/pod/schema.ts';

const found: LookupImageConfig = async () => ({
  found: true,
  digest: 'sha256:0',
  entrypoint: ['/app'],
  cmd: ['serve', '$HOME'],
});

const resolve = (container: Partial<Container>, { annotated, lookup = found }: Options = {}) => {
  const whole = { name: 'app', image: 'app:1', ...container };
  return resolveEntrypoint(whole, { spec: { containers: [whole] } }, annotated, lookup);
};
type Options = { annotated?: string[]; lookup?: LookupImageConfig };

describe('what a container runs', () => {
  it.each<[string, Partial<Container>, Options, object]>([
    ["the manifest's command", { command: ['/a'], args: ['b'] }, {}, { argv: ['/a', 'b'], source: 'pod' }],
    [
      'the annotation and its args',
      { args: ['b'] },
      { annotated: ['/a'] },
      { argv: ['/a', 'b'], source: 'annotation' },
    ],
    ['the annotation alone', {}, { annotated: ['/a'] }, { argv: ['/a'], source: 'annotation' }],
    [
      'ENTRYPOINT and CMD, which no kubelet expands',
      {},
      {},
      { argv: ['/app', 'serve', '$$HOME'], source: 'image', image: 'sha256:0' },
    ],
    ['ENTRYPOINT and its args', { args: ['$(B)'] }, {}, { argv: ['/app', '$(B)'], source: 'image', image: 'sha256:0' }],
    ['an empty command is none', { command: [] }, {}, { source: 'image' }],
  ])('%s', async (_, container, options, entrypoint) =>
    expect(await resolve(container, options)).toMatchObject({ ok: true, entrypoint, warnings: [] }),
  );

  it('asks nobody where the manifest or the annotation says it', async () => {
    const lookup = () => Promise.reject(new Error('asked'));
    expect(await resolve({ command: ['/a'] }, { lookup })).toMatchObject({ ok: true });
    expect(await resolve({}, { annotated: ['/a'], lookup })).toMatchObject({ ok: true });
  });

  it('warns of an annotation that a command makes useless', async () =>
    expect(await resolve({ command: ['/a'] }, { annotated: ['/b'] })).toMatchObject({
      entrypoint: { argv: ['/a'] },
      warnings: [expect.stringContaining('clockout.dev/entrypoint is not used')],
    }));

  it.each<[string, LookupImageConfig | undefined, string[]]>([
    [
      'there is no registry to ask',
      undefined,
      ['container app: what it runs is unknown (it has no command); write its'],
    ],
    [
      'its image has neither',
      async () => ({ found: true, digest: 'sha256:0', entrypoint: [], cmd: [] }),
      ['container app: what it runs is unknown (its image has no ENTRYPOINT and no CMD); write its'],
    ],
    [
      'the registry does not tell',
      async () => ({ found: false, problems: ['it asks for credentials', 'the Secret a is not there'] }),
      [
        'container app: what it runs is unknown (its registry did not tell); write its',
        'container app: it asks for credentials',
        'container app: the Secret a is not there',
      ],
    ],
  ])('is unknown where %s, and it says what to do', async (_, lookup, problems) => {
    const container = { name: 'app', image: 'app:1' };
    const answer = await resolveEntrypoint(container, { spec: { containers: [container] } }, undefined, lookup);
    expect(answer).toEqual({ ok: false, problems: problems.map((problem) => expect.stringContaining(problem)) });
  });
});

describe('for one pod', () => {
  it('an image is looked up once, however many of its containers have it', async () => {
    const asked: string[] = [];
    const lookup = lookupOnce(async (image, pod) => {
      asked.push(image);
      return found(image, pod);
    });
    const containers = Array.from({ length: 200 }, (_, i) => ({ name: `app-${i}`, image: `app:${i % 2}` }));
    const pod = { spec: { containers } };
    const answers = await Promise.all(containers.map((each) => resolveEntrypoint(each, pod, undefined, lookup)));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(asked).toEqual(['app:0', 'app:1']);
  });
});
