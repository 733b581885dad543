import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { heapFlags } from '../../../src/commands/setup/fit-heap.ts';

const MiB = 1024 * 1024;

describe('the flags of Node.js', () => {
  it.each([
    [192, 259, [], ['--max-old-space-size=96', '--max-semi-space-size=4', '--no-maglev']],
    [256, 259, [], ['--max-old-space-size=128', '--max-semi-space-size=4', '--no-maglev']],
    [512, 300, [], ['--max-old-space-size=256', '--max-semi-space-size=8']],
    [1024, 560, [], ['--max-old-space-size=512', '--max-semi-space-size=16']],
    [4096, 2048, [], ['--max-semi-space-size=16']],
    [Number.POSITIVE_INFINITY, 4144, [], ['--max-semi-space-size=16']],
    [192, 259, ['--max-old-space-size=150'], []],
    [192, 259, ['--enable-source-maps', '--max_old_space_size=150'], []],
    [192, 259, ['--max-old-space-size-percentage=45'], []],
    [192, 259, ['--max-heap-size=100'], []],
    [192, 259, ['--max-semi-space-size=2'], []],
  ])('under %d MiB, with a heap of %d and %j, are %j', (memory, heap, options, expected) =>
    expect(heapFlags({ memory: memory * MiB, heap: heap * MiB }, options)).toEqual(expected),
  );

  it('are none for the server that starts again after each save: a restart would cut it off from `node --watch`', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(heapFlags({ memory: 192 * MiB, heap: 259 * MiB }, scripts['serve:dev'].split(' '))).toEqual([]);
  });
});
