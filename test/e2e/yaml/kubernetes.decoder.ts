/** What kubectl takes is taken, and reads the same; what it refuses is refused. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseYaml } from '../../../src/manifests/yaml/parse.ts';
import { type Answer, buildDecoder, decodeAll } from './decoder.ts';
import { anyText } from './texts.ts';

/** A seed of one's own: SEED=7 npm run test:yaml */
const seeds = process.env.SEED ? [Number(process.env.SEED)] : [1, 2, 3, 4];
const numRuns = 10_000;

let program: string;
beforeAll(async () => {
  program = await buildDecoder();
}, 900_000);

describe('generated texts', () => {
  it.each(seeds)('seed %i', async (seed) => {
    const texts = fc.sample(anyText, { numRuns, seed });
    const answers = await decodeAll(program, texts);
    const differences = texts.flatMap((text, i) => compare(text, answers[i]));
    expect(differences.toSorted((a, b) => a.text.length - b.text.length).slice(0, 10)).toEqual([]);
    // With few texts of one kind, the comparison would say little about it.
    const taken = answers.filter(({ problem }) => problem === undefined).length;
    expect(Math.min(taken, numRuns - taken)).toBeGreaterThan(numRuns / 10);
  });
});

describe('texts of one kind', () => {
  const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}\n`;
  const bomb = (levels: number) =>
    Array.from({ length: levels }, (_, i) =>
      i === 0
        ? 'a0: &a0 [x]\n'
        : `a${i}: &a${i} [${Array(10)
            .fill(`*a${i - 1}`)
            .join(', ')}]\n`,
    ).join('');
  it.each([
    ['200 levels', deep(200)],
    ['a key of 1024 characters', `${'k'.repeat(1024)}: 1\n`],
    ['a key of 1025 characters', `${'k'.repeat(1025)}: 1\n`],
    ['a key of 1024 characters that UTF-16 has two units for', `${'😀'.repeat(1024)}: 1\n`],
    ['a bomb of aliases', bomb(9)],
    ['many aliases', bomb(5)],
    ['a long text', `a: ${'x '.repeat(100_000)}\nb: |\n${'  line\n'.repeat(10_000)}`],
    ['many documents', 'a: 1\n---\n'.repeat(1000)],
  ])('%s', async (_, text) => {
    const [answer] = await decodeAll(program, [text]);
    expect(compare(text, answer)).toEqual([]);
  });
});

type Difference = { text: string; kubernetes: unknown; clockout: unknown };

function compare(text: string, answer: Answer | undefined): Difference[] {
  const parsed = parseYaml('x', text);
  const theirs = answer?.problem ?? answer?.documents;
  if (!parsed.ok)
    return answer?.problem || isMeant(parsed.problem) ? [] : [{ text, kubernetes: theirs, clockout: parsed.problem }];
  const ours = parsed.value.documents.map(({ value }) => value);
  // Of keys that differ in type only, Go keeps one at random.
  if (parsed.value.warnings.some((warning) => warning.includes('either of them'))) return [];
  const isSame = !answer?.problem && same(withoutEmpty(answer?.documents ?? []), withoutEmpty(ours));
  return isSame ? [] : [{ text, kubernetes: theirs, clockout: ours }];
}

/** The differences that docs/cli.md lists. */
const isMeant = (problems: readonly string[]) =>
  problems.some((problem) => /after !!binary|at most 250 levels/.test(problem));

const withoutEmpty = (documents: readonly unknown[]) => documents.filter((document) => document !== null);

/** Go writes a large float as an integer, and half of a surrogate pair as it came. */
function same(theirs: unknown, ours: unknown): boolean {
  if (typeof theirs === 'bigint' && typeof ours === 'number') return Number(theirs) === ours;
  if (typeof theirs === 'string') return theirs.toWellFormed() === ours;
  if (typeof theirs !== 'object' || theirs === null) return Object.is(theirs, ours);
  if (typeof ours !== 'object' || ours === null || Array.isArray(ours) !== Array.isArray(theirs)) return false;
  const [a, b] = [Object.entries(theirs), new Map(Object.entries(ours))];
  return a.length === b.size && a.every(([key, value]) => b.has(key) && same(value, b.get(key)));
}
