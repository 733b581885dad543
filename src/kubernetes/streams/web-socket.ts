/** Opens a connection to a pod through the API server, as `kubectl port-forward` and `kubectl exec` do: channels in a WebSocket. */
import { createHash, randomBytes } from 'node:crypto';
import http, { type IncomingMessage } from 'node:http';
import https, { type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { KubeConfig } from '@kubernetes/client-node';
import { readErrorCode, readErrorMessage } from '../../util/errors.ts';
import { parseObject } from '../../util/json-object.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import { type ApiProblem, describeRefusal } from '../api/problem.ts';
import { describeNoAnswer } from '../api/stranger.ts';
import { describeTarget, pathOf, type Target } from '../api/target.ts';
import { createFrameReader, encodeFrame, type Message, opcodes } from './frames.ts';

export type ChannelOptions = {
  query: readonly (readonly [name: string, value: string])[];
  /** Until the connection is open, in milliseconds. */
  timeout: number;
  /** How many bytes may arrive in all; the connection is closed after that. */
  maxBytes: number;
};

export type Channels = {
  send: (channel: number, data: Uint8Array) => void;
  close: () => void;
};

export type ChannelEvents = {
  onData: (channel: number, data: Buffer) => void;
  /** Called once. `reason` is undefined if the other side has closed it as agreed. */
  onClose: (reason: string | undefined) => void;
};

/** @param target a subresource of a pod */
export async function openChannels(
  config: KubeConfig,
  target: Target,
  options: ChannelOptions,
  events: ChannelEvents,
): Promise<Result<Channels, ApiProblem>> {
  const asked = `open ${describeTarget(target)}`;
  const key = randomBytes(16).toString('base64');
  const sent = await sendUpgrade(config, pathOf(target), options, key, asked);
  if (!sent.ok) return sent;
  const { response, socket, head } = sent.value;
  if (!socket) return fail(nameVerb(describeRefusal(asked, await readRefusal(response)), target));
  if (response.headers['sec-websocket-accept'] === acceptOf(key)) return ok(join(socket, head, options, events));
  socket.destroy();
  return fail({ kind: 'refused', message: `the API server did not open a WebSocket: cannot ${asked}` });
}

// --- internal ---

/** @see https://kubernetes.io/docs/reference/using-api/websockets/ */
const protocol = 'v4.channel.k8s.io';

type Upgraded = { response: IncomingMessage; socket?: Duplex; head: Buffer };

async function sendUpgrade(
  config: KubeConfig,
  path: string,
  { query, timeout }: ChannelOptions,
  key: string,
  asked: string,
): Promise<Result<Upgraded, ApiProblem>> {
  const limit = AbortSignal.timeout(timeout);
  const server = config.getCurrentCluster()?.server ?? '';
  try {
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const url = new URL(`${server.replace(/\/$/, '')}${path}`);
    for (const [name, value] of query) url.searchParams.append(name, value);
    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': key,
      'sec-websocket-protocol': protocol,
    };
    const { request } = url.protocol === 'https:' ? https : http;
    return await new Promise((resolve, reject) => {
      const sent = request(url, { ...options, headers: { ...options.headers, ...upgrade }, signal: limit });
      sent.on('error', reject);
      sent.on('response', (response) => resolve(ok({ response, head: Buffer.alloc(0) })));
      sent.on('upgrade', (response, socket, head) => resolve(ok({ response, socket, head })));
      sent.end();
    });
  } catch (error) {
    const reason = limit.aborted ? `no answer within ${timeout / 1000} seconds` : undefined;
    return fail(describeNoAnswer(asked, server, reason ?? readErrorCode(error) ?? readErrorMessage(error)));
  }
}

function join(socket: Duplex, head: Buffer, { maxBytes }: ChannelOptions, events: ChannelEvents): Channels {
  const read = createFrameReader(maxBytes);
  let bytes = 0;
  let isOpen = true;
  const end = (reason?: string) => {
    if (!isOpen) return;
    isOpen = false;
    socket.destroy();
    events.onClose(reason);
  };
  const write = (opcode: number, data: Uint8Array) => {
    if (isOpen) socket.write(encodeFrame(opcode, data));
  };
  const hear = ({ opcode, data }: Message) => {
    const [channel] = data;
    if (opcode === opcodes.close) end();
    else if (opcode === opcodes.ping) write(opcodes.pong, data);
    else if (opcode === opcodes.binary && channel !== undefined && isOpen) events.onData(channel, data.subarray(1));
  };
  const take = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) return end(`its answer is larger than ${maxBytes} bytes`);
    const messages = read(chunk);
    if (!messages) return end('it sent no frames');
    for (const message of messages) hear(message);
  };
  socket.on('data', take);
  socket.on('error', (error) => end(readErrorCode(error) ?? readErrorMessage(error)));
  socket.on('close', () => end('the connection broke off'));
  if (head.length > 0) take(head);
  return {
    send: (channel, data) => write(opcodes.binary, Buffer.concat([Buffer.of(channel), data])),
    close: () => {
      write(opcodes.close, Buffer.alloc(0));
      end();
    },
  };
}

const acceptOf = (key: string) =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

/** A Status is a sentence, and the names of an object. */
const maxRefusalBytes = 64 * 1024;

async function readRefusal(response: IncomingMessage) {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response) {
      bytes += chunk.length;
      if (bytes > maxRefusalBytes) break;
      chunks.push(chunk);
    }
  } catch {
    // Its status says enough.
  }
  return { status: response.statusCode ?? 0, body: parseObject(Buffer.concat(chunks).toString()) };
}

/** A WebSocket begins with a GET, and since 1.35 the caller must also be allowed to create. The API server names the verb `get` if that is missing. If `create` is missing, its message is empty. */
function nameVerb(problem: ApiProblem, { name: _, ...target }: Target): ApiProblem {
  if (problem.kind !== 'forbidden') return problem;
  const verb = problem.message.includes('cannot get resource') ? 'get' : 'create';
  return { ...problem, message: `you may not ${verb} ${describeTarget(target)}` };
}
