import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findFiles, findQueue, readQueues } from '../../../src/server/connections/kernel-queues.ts';

const large = Buffer.alloc(30 * 1024 * 1024);

/** A connection of which the client reads nothing. @returns the server's socket */
async function connectTo(listen: string, host: string) {
  const server = createServer();
  server.listen(0, listen);
  await once(server, 'listening');
  const client = connect({ host, port: (server.address() as AddressInfo).port }).pause();
  const [socket] = (await once(server, 'connection')) as [Socket];
  const close = () => {
    socket.destroy();
    client.destroy();
    server.close();
  };
  return { socket, close };
}

describe.runIf(process.platform === 'linux')('the queue of a socket', () => {
  it.each([
    ['IPv4', '127.0.0.1', '127.0.0.1'],
    ['IPv4 at a server for IPv6, too', '::', '127.0.0.1'],
    ['IPv6', '::1', '::1'],
  ])('over %s is what its client has not taken', async (_, listen, host) => {
    const { socket, close } = await connectTo(listen, host);
    try {
      const find = () => findQueue(readQueues(findFiles([socket])), socket);
      expect(find()).toBe(0);
      socket.write(large);
      await expect.poll(find).toBeGreaterThan(100_000);
    } finally {
      close();
    }
  });
});

describe('queues', () => {
  const line = (queue: string, more = '') =>
    `   1: 0100007F:1F90 0200007F:D431 01 ${queue}:00000000 00:00000000${more}\n`;
  const read = (text: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'clockout-queues-'));
    const file = join(folder, 'tcp');
    writeFileSync(file, text);
    try {
      return [...readQueues([file])];
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it.each<[string, string, [string, number][]]>([
    ['nothing', '  sl  local_address rem_address   st tx_queue rx_queue\n', []],
    ['a line without a queue', line('00000000'), []],
    ['a line with one', line('0000012C'), [['1F90 0200007F:D431', 300]]],
    ['other lines', `what\n${line('00000001')}: : :\n`, [['1F90 0200007F:D431', 1]]],
    ['more than is worth the time', 'x'.repeat(1024 * 1024) + line('00000001'), []],
  ])('are read from %s', (_, text, expected) => expect(read(text)).toEqual(expected));

  it('are none if there is no such file', () => expect(readQueues(['/no/such/file']).size).toBe(0));
});
