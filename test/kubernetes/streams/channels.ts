/** The API server's side of a connection to a pod: channels in a WebSocket. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createFrameReader, encodeFrame, opcodes } from '../../../src/kubernetes/streams/frames.ts';

export type ServerChannels = {
  send: (channel: number, data: string | Uint8Array) => void;
  onData: (take: (channel: number, data: Buffer) => void) => void;
  close: () => void;
  socket: Duplex;
};

export function acceptChannels({ headers }: IncomingMessage, socket: Duplex): ServerChannels {
  const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${createHash('sha1').update(key).digest('base64')}`,
    `Sec-WebSocket-Protocol: ${headers['sec-websocket-protocol']}`,
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  const read = createFrameReader(1024 * 1024);
  const write = (opcode: number, data: Uint8Array) => socket.write(encodeFrame(opcode, data, null));
  return {
    send: (channel, data) => write(opcodes.binary, Buffer.concat([Buffer.of(channel), Buffer.from(data)])),
    onData: (take) =>
      socket.on('data', (chunk) => {
        for (const { opcode, data } of read(chunk) ?? []) {
          if (opcode === opcodes.binary) take(data[0] ?? 0, data.subarray(1));
        }
      }),
    close: () => {
      write(opcodes.close, Buffer.alloc(0));
      socket.end();
    },
    socket,
  };
}

/** As Kubernetes refuses a connection. */
export function refuseUpgrade(socket: Duplex, status: number, body: object): void {
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} No\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

/** Answers each POST that comes over a forwarded port. */
export function answerPosts(
  channels: ServerChannels,
  port: number,
  answer: (path: string) => string | undefined,
): void {
  const number = Buffer.of(port & 0xff, port >> 8);
  channels.send(0, number);
  channels.send(1, number);
  let text = '';
  channels.onData((channel, data) => {
    if (channel !== 0) return;
    text += data;
    const path = /^POST (\S+) HTTP\/1\.1\r\n.*\r\n\r\n/s.exec(text)?.[1];
    if (path === undefined) return;
    text = '';
    const answered = answer(path);
    if (answered !== undefined) channels.send(0, answered);
  });
}

export const httpAnswer = (status: number): string => `HTTP/1.1 ${status} Said\r\nContent-Length: 0\r\n\r\n`;
