import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createObjectCutter } from '../../src/kubernetes/cut-objects.ts';

function cut(text: string, { pieceBytes = 1, most = 16 * 1024 } = {}) {
  const objects: (string | undefined)[] = [];
  const cutter = createObjectCutter((object) => objects.push(object), most);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) cutter.add(bytes.subarray(at, at + pieceBytes));
  return { objects, isComplete: cutter.isComplete() };
}

describe('a text is cut into', () => {
  it.each<[string, string, string[]]>([
    ['the values of an object', '{"a":{"b":{"c":1}},"d":"e"}', ['{"b":{"c":1}}']],
    ['the items of its arrays', '{"a":[{"b":1},2,{"c":[{}]}],"d":[{}]}', ['{"b":1}', '{"c":[{}]}', '{}']],
    ['nothing of an empty one', '{"a":[],"b":null}', []],
    [
      'objects with braces in texts',
      '{"a":[{"b":"}{\\"}\\\\"},{"c":"\\\\\\""}]}',
      ['{"b":"}{\\"}\\\\"}', '{"c":"\\\\\\""}'],
    ],
  ])('%s', (_, text, objects) => expect(cut(text)).toEqual({ objects, isComplete: true }));

  it('the same objects, however its bytes arrive', () =>
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 3 }))),
        fc.integer({ min: 1, max: 40 }),
        (rows, pieceBytes) => {
          const { objects, isComplete } = cut(JSON.stringify({ metadata: {}, rows }), { pieceBytes });
          expect(objects).toEqual(['{}', ...rows.map((row) => JSON.stringify(row))]);
          expect(isComplete).toBe(true);
        },
      ),
    ));
});

it.each([1, 7, 1000])(
  'an object that is too large is told as such, and the next one is cut (pieces of %i B)',
  (pieceBytes) => {
    const text = JSON.stringify({ rows: [{ a: 'x'.repeat(100) }, { b: 1 }] });
    expect(cut(text, { pieceBytes, most: 50 }).objects).toEqual([undefined, '{"b":1}']);
  },
);

it.each(['{"rows":[{"a":1}', '{"rows":[{"a":1', '{"rows":[]'])('a text that breaks off is not complete: %s', (text) =>
  expect(cut(text).isComplete).toBe(false),
);
