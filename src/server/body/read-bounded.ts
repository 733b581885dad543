/**
 * Reads the JSON of a request within bounds: its bytes, values and depth, and the memory that all requests hold at a time. The
 * server does not read a large body that finds no room: its stream stays paused, and so does the client's TCP connection.
 *
 * A request takes room twice: for the bytes that arrive, and for the parsed value. A request that waits for the second room holds
 * the first, but no request that holds the second waits for the first, so there is no deadlock. With one room for both, a body
 * would take as much as it could become when parsed, from its first byte on, and there would be room for only one large body.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { measureJson } from '../../util/measure-json.ts';
import type { Connections } from '../connections/bound-connections.ts';
import type { Caller } from '../connections/places.ts';
import { createRequestError, createTooManyBytesError } from '../errors.ts';
import {
  answeringRoom,
  arrivingRoom,
  computeWeight,
  itemDepth,
  jsonBounds,
  maxBodyBytes,
  ordinary,
} from '../limits.ts';
import { createBodyCollector } from './collect.ts';
import { createHeavyTurns, createOrdinaryTurns } from './heavy-work.ts';
import { createJsonParser } from './parse-json.ts';
import { createRoom, type Room, type Wish } from './room.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Gives back the room of the parsed body. Undefined if the request has no body. */
    releaseRoom: (() => void) | undefined;
  }
}

/** Replaces Fastify's own parser, which reads and parses a whole body whatever its size. */
export function readJsonBodies(app: FastifyInstance, connections: Connections): void {
  const arriving = createRoom(arrivingRoom, createTooManyError);
  const collectBody = createBodyCollector(arriving);
  const answering = createRoom(answeringRoom, createTooManyError);
  const waitForHeavyTurn = createHeavyTurns();
  const waitForOrdinaryTurn = createOrdinaryTurns();
  const parse = createJsonParser(app.getDefaultJsonParser('error', 'error'));

  const read = async (request: FastifyRequest, stream: IncomingMessage): Promise<unknown> => {
    const caller: Caller = connections.findCaller(stream.socket);
    // A body in chunks does not say its length. The API server always sends the length.
    const length = Number(stream.headers['content-length'] ?? maxBodyBytes);
    if (length > maxBodyBytes) throw createTooManyBytesError(maxBodyBytes);
    const arrives = { bytes: length, isLarge: length > ordinary.bytes, caller };
    // No await if there is room: during an await, Node.js stops the socket until the stream is read.
    const releaseArriving = arriving.take(arrives) ?? (await waitForRoom(arriving, arrives, stream.socket));
    try {
      const body = await collectBody(stream, arrives);
      const weight = weigh(body);
      const isLarge = weight > ordinary.weight;
      const answered = { bytes: weight, isLarge, caller };
      request.releaseRoom = answering.take(answered) ?? (await waitForRoom(answering, answered, stream.socket));
      // Usually undefined rather than a promise, because no review waits.
      const turn = isLarge ? waitForHeavyTurn() : waitForOrdinaryTurn(caller);
      connections.trust(stream.socket);
      if (turn) await turn;
      if (stream.socket.destroyed) throw createRequestError(400, 'The client closed the connection.');
      // Awaited here, so that the room is given back if parsing fails.
      return await parse(request, body.toString());
    } catch (error) {
      request.releaseRoom?.();
      throw error;
    } finally {
      releaseArriving();
    }
  };

  app.decorateRequest('releaseRoom', undefined);
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', read);
}

/** Call this once the handler no longer needs the body. The answer holds the room until it has reached the client. */
export function releaseRoom(request: FastifyRequest, reply: FastifyReply): void {
  const { releaseRoom } = request;
  if (!releaseRoom) return;
  if (reply.raw.destroyed) releaseRoom();
  else reply.raw.on('close', releaseRoom);
}

// --- internal ---

/** @throws an error to answer with if the body is over a bound */
function weigh(body: Buffer): number {
  const { values, keys, depth, items } = measureJson(body, jsonBounds, itemDepth);
  const refuse = (sentence: string) => createRequestError(413, sentence);
  if (values > jsonBounds.values)
    throw refuse(`The body has more than ${jsonBounds.values} JSON values, which is more than any pod has.`);
  if (keys > jsonBounds.keys)
    throw refuse(`The body has more than ${jsonBounds.keys} JSON keys, which is more than any pod has.`);
  if (depth > jsonBounds.depth)
    throw refuse(`The body is nested deeper than ${jsonBounds.depth} levels, which is more than any pod is.`);
  return computeWeight(body.length, values, items);
}

const createTooManyError = () => createRequestError(503, 'Too many bodies wait to be read; send it again later.');

/** Waits for as long as the client stays connected. */
async function waitForRoom(room: Room, wish: Wish, socket: Socket): Promise<() => void> {
  const controller = new AbortController();
  const leave = () => controller.abort(createRequestError(400, 'The client closed the connection.'));
  socket.once('close', leave);
  if (socket.destroyed) leave();
  try {
    return await room.wait(wish, controller.signal);
  } finally {
    socket.off('close', leave);
  }
}
