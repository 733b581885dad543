import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameReader, encodeFrame, opcodes } from '../../../src/kubernetes/streams/frames.ts';

const bytes = fc.uint8Array({ maxLength: 70_000, size: 'max' });
const mask = fc.option(fc.uint8Array({ minLength: 4, maxLength: 4 }).map((four) => Buffer.from(four)));

/** A frame that is not the last of its message. */
const opened = (frame: Buffer) => Buffer.concat([Buffer.of((frame[0] ?? 0) & 0x7f), frame.subarray(1)]);

describe('frames', () => {
  it('are read as they were written, however they arrive', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(bytes, mask), { maxLength: 3 }),
        fc.integer({ min: 100, max: 5000 }),
        (sent, size) => {
          const wire = Buffer.concat(sent.map(([data, four]) => encodeFrame(opcodes.binary, data, four)));
          const read = createFrameReader(70_000);
          const messages = [];
          for (let at = 0; at < wire.length; at += size) messages.push(...(read(wire.subarray(at, at + size)) ?? []));
          expect(messages.map(({ data }) => Buffer.from(data))).toEqual(sent.map(([data]) => Buffer.from(data)));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('of one message are joined, also with a ping between them', () => {
    const parts = [
      opened(encodeFrame(opcodes.binary, Buffer.from('a'), null)),
      encodeFrame(opcodes.ping, Buffer.from('?'), null),
      opened(encodeFrame(opcodes.continuation, Buffer.from('b'), null)),
      encodeFrame(opcodes.continuation, Buffer.from('c'), null),
    ];
    const messages = createFrameReader(100)(Buffer.concat(parts));
    expect(messages?.map(({ opcode, data }) => [opcode, `${data}`])).toEqual([
      [opcodes.ping, '?'],
      [opcodes.binary, 'abc'],
    ]);
  });

  it.each([
    ['longer than the bound', encodeFrame(opcodes.binary, Buffer.alloc(101), null)],
    ['a length that no memory has', Buffer.from('827f7fffffffffffffff', 'hex')],
    [
      'a message that grows over the bound',
      Buffer.concat(Array(3).fill(opened(encodeFrame(2, Buffer.alloc(40), null)))),
    ],
    ['a continuation of nothing', encodeFrame(opcodes.continuation, Buffer.alloc(1), null)],
    ['bits of an extension', Buffer.from('c200', 'hex')],
  ])('refuses %s', (_, frame) => expect(createFrameReader(100)(frame)).toBeUndefined());
});
