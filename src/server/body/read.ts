/**
 * From the stream of a request to its JSON, within bounds: bytes, values, depth, and what all requests hold at a time. A
 * large body that finds no room is not read: the stream stays paused, and the client's TCP with it.
 *
 * Room is taken twice, for the bytes that arrive and for the parsed value. Whoever waits for the second holds the first,
 * but nobody who holds the second waits for the first, so there is no circle. One room for both would need as much as the
 * largest body could become when parsed, from the first byte on: one such body at a time.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { measureJson } from '../../util/measure-json.ts';
import type { Caller, Connections } from '../connections/bound.ts';
import { badRequest } from '../errors.ts';
import { answeringRoom, arrivingRoom, bodyBytes, itemDepth, jsonBounds, ordinary, weightOf } from '../limits.ts';
import { bodyCollector } from './collect.ts';
import { shareTurns, takeTurns } from './heavy-work.ts';
import { jsonParser } from './parse-json.ts';
import { createRoom, type Room, type Wish } from './room.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What its body holds. Undefined where it has none. */
    giveBackRoom: (() => void) | undefined;
  }
}

/** Instead of Fastify's own parser, which reads all of a body, and parses whatever it has read. */
export function readJsonBodies(app: FastifyInstance, connections: Connections): void {
  const arriving = createRoom(arrivingRoom, tooMany);
  const collectBody = bodyCollector(arriving);
  const answering = createRoom(answeringRoom, tooMany);
  const heavyTurn = takeTurns();
  const ordinaryTurn = shareTurns();
  const parse = jsonParser(app.getDefaultJsonParser('error', 'error'));

  const read = async (request: FastifyRequest, stream: IncomingMessage): Promise<unknown> => {
    const caller: Caller = connections.callerOf(stream.socket);
    // A body in chunks does not say its length. The API server's always do.
    const length = Number(stream.headers['content-length'] ?? bodyBytes);
    if (length > bodyBytes)
      throw badRequest(
        413,
        `The body is larger than ${bodyBytes / 1024 / 1024} MiB, which is more than the API server ever sends.`,
      );
    const arrives = { bytes: length, isLarge: length > ordinary.bytes, caller };
    // If there is room, there is no await: during one, Node.js stops the socket until somebody reads.
    const giveBack = arriving.take(arrives) ?? (await waitFor(arriving, arrives, stream.socket));
    try {
      const body = await collectBody(stream, arrives);
      const weight = weigh(body);
      const isLarge = weight > ordinary.weight;
      const answered = { bytes: weight, isLarge, caller };
      request.giveBackRoom = answering.take(answered) ?? (await waitFor(answering, answered, stream.socket));
      // No promise where nobody waits, which is nearly always.
      const turn = isLarge ? heavyTurn() : ordinaryTurn(caller);
      connections.trust(stream.socket);
      if (turn) await turn;
      if (stream.socket.destroyed) throw badRequest(400, 'The client has gone.');
      // Awaited here: where it fails, the room is given back.
      return await parse(request, body.toString());
    } catch (error) {
      request.giveBackRoom?.();
      throw error;
    } finally {
      giveBack();
    }
  };

  app.decorateRequest('giveBackRoom', undefined);
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', read);
}

/** To be called once the handler needs the body no more. The answer has yet to reach the client, and holds the body until then. */
export function giveBackRoom(request: FastifyRequest, reply: FastifyReply): void {
  const { giveBackRoom } = request;
  if (!giveBackRoom) return;
  if (reply.raw.destroyed) giveBackRoom();
  else reply.raw.on('close', giveBackRoom);
}

// --- internal ---

/** @throws an error to answer with, for what is over a bound */
function weigh(body: Buffer): number {
  const { values, keys, depth, items } = measureJson(body, jsonBounds, itemDepth);
  if (values > jsonBounds.values)
    throw badRequest(413, `The body has more than ${jsonBounds.values} JSON values, which is more than any pod has.`);
  if (keys > jsonBounds.keys)
    throw badRequest(413, `The body has more than ${jsonBounds.keys} JSON keys, which is more than any pod has.`);
  if (depth > jsonBounds.depth)
    throw badRequest(413, `The body is nested deeper than ${jsonBounds.depth} levels, which is more than any pod is.`);
  return weightOf(body.length, values, items);
}

const tooMany = () => badRequest(503, 'Too many bodies wait to be read; send it again later.');

/** As long as the client does. */
async function waitFor(room: Room, wish: Wish, socket: Socket): Promise<() => void> {
  const controller = new AbortController();
  const leave = () => controller.abort(badRequest(400, 'The client has gone.'));
  socket.once('close', leave);
  if (socket.destroyed) leave();
  try {
    return await room.wait(wish, controller.signal);
  } finally {
    socket.off('close', leave);
  }
}
