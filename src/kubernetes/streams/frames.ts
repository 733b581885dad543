/**
 * The frames of a WebSocket. @kubernetes/client-node has a client, but it hides why the API server refuses a connection, waits
 * without end, and obeys a frame that closes the process's own output. Pure.
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-5
 */
import { randomBytes } from 'node:crypto';

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export type Message = { opcode: number; data: Buffer };

/** @param mask a client masks its frames, a server does not */
export function encodeFrame(opcode: number, data: Uint8Array, mask: Buffer | null = randomBytes(4)): Buffer {
  const { length } = data;
  const size = length < 126 ? 0 : length < 0x10000 ? 2 : 8;
  const head = Buffer.alloc(2 + size);
  head[0] = 0x80 | opcode;
  head[1] = (mask ? 0x80 : 0) | (size === 0 ? length : size === 2 ? 126 : 127);
  if (size === 2) head.writeUInt16BE(length, 2);
  if (size === 8) head.writeBigUInt64BE(BigInt(length), 2);
  return mask ? Buffer.concat([head, mask, masked(data, mask)]) : Buffer.concat([head, data]);
}

/**
 * Joins what arrives into messages.
 * @param maxBytes of one message
 * @returns what takes the next bytes, and gives the messages that they complete; undefined if they are no frames, or too large
 */
export function createFrameReader(maxBytes: number): (chunk: Uint8Array) => Message[] | undefined {
  let rest: Buffer = Buffer.alloc(0);
  const take = createJoiner(maxBytes);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const messages: Message[] = [];
    for (let frame = readFrame(rest, maxBytes); frame !== 'incomplete'; frame = readFrame(rest, maxBytes)) {
      const joined = frame && take(frame);
      if (!frame || !joined) return undefined;
      rest = rest.subarray(frame.bytes);
      messages.push(...joined);
    }
    return messages;
  };
}

// --- internal ---

type Frame = Message & { isLast: boolean; bytes: number };

/** Frames about the connection may come between those of a message. */
function createJoiner(maxBytes: number): (frame: Frame) => Message[] | undefined {
  let opened: Message | undefined;
  return ({ isLast, opcode, data }) => {
    if (opcode >= opcodes.close) return [{ opcode, data }];
    // Only the first frame of a message says what it is.
    if ((opcode === opcodes.continuation) !== (opened !== undefined)) return undefined;
    const message: Message = opened ? { ...opened, data: Buffer.concat([opened.data, data]) } : { opcode, data };
    if (message.data.length > maxBytes) return undefined;
    opened = isLast ? undefined : message;
    return isLast ? [message] : [];
  };
}

function readFrame(bytes: Buffer, maxBytes: number): Frame | 'incomplete' | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return 'incomplete';
  // No extension was asked for that would set these bits.
  if ((first & 0x70) !== 0) return undefined;
  const size = { 126: 2, 127: 8 }[second & 0x7f] ?? 0;
  const hasMask = second > 0x7f;
  const start = 2 + size + (hasMask ? 4 : 0);
  if (bytes.length < start) return 'incomplete';
  const length = size === 0 ? second & 0x7f : size === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (length > maxBytes) return undefined;
  const end = start + length;
  if (bytes.length < end) return 'incomplete';
  const data = bytes.subarray(start, end);
  const plain = hasMask ? masked(data, bytes.subarray(start - 4, start)) : Buffer.from(data);
  return { isLast: (first & 0x80) !== 0, opcode: first & 0x0f, data: plain, bytes: end };
}

const masked = (data: Uint8Array, mask: Uint8Array): Buffer =>
  Buffer.from(data.map((byte, i) => byte ^ (mask[i % 4] ?? 0)));
