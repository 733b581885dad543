/** A way to a server that takes time, as between two machines: on loopback an answer is there before its client has looked up. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * @param milliseconds in each direction
 * @returns the same URL by that way
 */
export async function farAway(url: URL, milliseconds: number): Promise<URL> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({ host: url.hostname, port: Number(url.port), allowHalfOpen: true, noDelay: true });
    carry(near, far, milliseconds);
    carry(far, near, milliseconds);
  });
  await once(server.listen(0, '127.0.0.1').unref(), 'listening');
  return Object.assign(new URL(url), { port: `${(server.address() as AddressInfo).port}` });
}

function carry(from: Socket, to: Socket, milliseconds: number): void {
  const later = (what: () => void) => setTimeout(what, milliseconds);
  from.on('data', (data) => later(() => to.destroyed || to.write(data)));
  from.on('end', () => later(() => to.end()));
  from.on('error', () => {});
  from.on('close', () => later(() => to.destroy()));
}
