/** A client that costs less than the servers it asks: it only counts the bytes of the answers. */
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

export type Load = {
  /**
   * Sends this many requests. Each connection sends its next one after an answer.
   * @returns the milliseconds that each took
   */
  send: (count: number) => Promise<number[]>;
  /** The bytes of the body of one answer. */
  measureAnswer: () => Promise<number>;
  /** Of the certificate that the server has presented. */
  fingerprint: string;
  close: () => void;
};

/** Less than the 5 s after which Node's servers close a connection, in milliseconds. */
const mostIdle = 3000;

/** @param nextBody gives bodies of the same length */
export async function openLoad(url: URL, nextBody: () => Buffer, connections: number): Promise<Load> {
  const { length } = nextBody();
  const head = Buffer.from(
    `POST ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`,
  );
  const nextRequest = () => Buffer.concat([head, nextBody()]);
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(url)));

  const lastUsed = sockets.map(() => performance.now());

  const send = async (count: number) => {
    const took: number[] = [];
    let left = count;
    const work = async (i: number) => {
      while (left-- > 0) {
        // A server closes what has been idle, such as while another one was asked.
        if (performance.now() - (lastUsed[i] ?? 0) > mostIdle) {
          sockets[i]?.destroy();
          sockets[i] = await open(url);
        }
        const request = nextRequest();
        const started = performance.now();
        await ask(sockets[i] as TLSSocket, request);
        const answered = performance.now();
        took.push(answered - started);
        lastUsed[i] = answered;
      }
    };
    await Promise.all(sockets.map((_, i) => work(i)));
    return took;
  };
  return {
    send,
    fingerprint: sockets[0]?.getPeerX509Certificate()?.fingerprint256 ?? '',
    measureAnswer: () => ask(sockets[0] as TLSSocket, nextRequest()),
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

// --- internal ---

async function open({ hostname, port }: URL): Promise<TLSSocket> {
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }).setNoDelay();
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return socket;
}

/** @returns the bytes of the answer's body */
function ask(socket: TLSSocket, request: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    let length: number | undefined;
    let missing = 0;
    const close = () => reject(new Error('expected an answer, found that the connection was closed'));
    const read = (chunk: Buffer) => {
      if (length === undefined) {
        // A server sends the head and the beginning of the body at once.
        const head = chunk.toString('latin1', 0, chunk.indexOf('\r\n\r\n') + 4);
        if (!head.startsWith('HTTP/1.1 200 ')) return reject(new Error(`expected 200, found ${head}`));
        length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
        missing = head.length + length;
      }
      missing -= chunk.length;
      if (missing > 0) return;
      socket.off('data', read).off('close', close);
      resolve(length);
    };
    socket.on('data', read).once('close', close);
    socket.write(request);
  });
}
