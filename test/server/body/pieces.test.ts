import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { BoundedMessage, isTooFine } from '../../../src/server/body/pieces.ts';

/** A body in pieces of those sizes. @returns the bytes that are kept of it */
function inPieces(sizes: number[]) {
  const body = new BoundedMessage(new Socket());
  for (const size of sizes) body.push(Buffer.alloc(size));
  return { bytes: body.readableLength, isTooFine: isTooFine(body) };
}

const times = (count: number, size: number) => Array.from({ length: count }, () => size);

describe('pieces of a body', () => {
  it.each([
    ['256 of a byte are taken', times(256, 1), 256, false],
    ['with the next they are too many, and all after it are dropped', times(5000, 1), 257, true],
    ['1,000 of 64 bytes are taken', times(1000, 64), 64_000, false],
    ['small ones after a large one are taken', [100_000, ...times(1000, 1)], 101_000, false],
  ])('%s', (_, sizes, bytes, isTooFine) => expect(inPieces(sizes)).toEqual({ bytes, isTooFine }));

  it('are parsed no further in their turn, and the next connection of the parser gets its body', async () => {
    const told: number[] = [];
    const server = createServer({ IncomingMessage: BoundedMessage }, (request, response) => {
      const parser = (request.socket as unknown as { parser: Record<number, () => void> }).parser;
      const onBody = (parser.constructor as unknown as { kOnBody: number }).kOnBody;
      const called = parser[onBody];
      let calls = 0;
      parser[onBody] = function count(...values) {
        calls++;
        return Reflect.apply(called as () => void, this, values);
      };
      request
        .on('data', () => {})
        .on('end', () => {
          told.push(calls);
          response.end(isTooFine(request) ? 'too fine' : 'taken');
        });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const answerTo = async (body: string) => {
      const socket = connect(port, '127.0.0.1');
      const head = 'POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n';
      socket.write(`${head}${body}0\r\n\r\n`);
      return text(socket);
    };
    for (const answer of await Promise.all([answerTo('1\r\nx\r\n'.repeat(5000)), answerTo('5\r\nwhole\r\n')]))
      expect(answer).toMatch(/too fine|taken/);
    expect(await answerTo('5\r\nwhole\r\n')).toContain('taken');
    // 5,000 without it.
    expect(Math.max(...told)).toBeLessThan(1000);
    expect(told).toHaveLength(3);
    server.close();
  });

  it('end with the body', () => {
    const body = new BoundedMessage(new Socket());
    body.push(Buffer.from('x'));
    body.push(null);
    expect(body.read()).toEqual(Buffer.from('x'));
    expect(isTooFine(body)).toBe(false);
  });
});
