/** Sends a POST over a connection to a pod. */
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { fail, ok, type Result } from '../../util/result.ts';
import { PortRefused } from './port-forward.ts';

/**
 * Why there was no answer.
 * - `refused`: nothing listens there
 * - `cut`: the connection was closed first. A program that exits at once may have taken the POST.
 * - `slow`: it took too long
 */
export type NoAnswer = { kind: 'refused' | 'cut' | 'slow'; message: string };

/**
 * @param stream is closed afterwards
 * @param timeout in milliseconds
 * @returns the status of the answer, of which no more is read
 */
export function postOver(stream: Duplex, path: string, timeout: number): Promise<Result<number, NoAnswer>> {
  // The node may have found that the port is closed before anybody has asked.
  if (stream.destroyed) return Promise.resolve(fail(describe(stream.errored)));
  return new Promise((resolve) => {
    const end = (result: Result<number, NoAnswer>) => {
      clearTimeout(timer);
      sent.destroy();
      stream.destroy();
      resolve(result);
    };
    const giveUp = () => end(fail({ kind: 'slow', message: `no answer within ${timeout / 1000} seconds` }));
    const timer = setTimeout(giveUp, timeout);
    const headers = { host: 'localhost', 'content-length': 0, connection: 'close' };
    const sent = request({ method: 'POST', path, headers, createConnection: () => stream });
    sent.on('response', ({ statusCode = 0 }) => end(ok(statusCode)));
    sent.on('error', (error) => end(fail(describe(stream.errored ?? error))));
    sent.end();
  });
}

// --- internal ---

const describe = (error: Error | null): NoAnswer =>
  error instanceof PortRefused
    ? { kind: 'refused', message: error.message }
    : { kind: 'cut', message: 'the connection was closed without an answer' };
