/** Stands in for pilot-agent's status server: not ready at first, and gone once it is told to quit. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Proxy = { port: number; hasQuit: () => boolean; stop: () => void };

/** Milliseconds after the first question. */
const readyAfter = 700;

export async function startProxy(say: (text: string) => void): Promise<Proxy> {
  const state = { firstAsked: 0, lastStatus: 0, hasQuit: false };

  function ready(): number {
    state.firstAsked ||= Date.now();
    const status = Date.now() - state.firstAsked < readyAfter ? 503 : 200;
    if (status !== state.lastStatus) say(`GET /healthz/ready → ${status}`);
    state.lastStatus = status;
    return status;
  }

  function quit({ method }: IncomingMessage): number {
    state.hasQuit = method === 'POST';
    say(`${method} /quitquitquit → ${state.hasQuit ? '200, and the proxy ends' : 405}`);
    return state.hasQuit ? 200 : 405;
  }

  const routes: Record<string, (request: IncomingMessage) => number> = {
    '/healthz/ready': ready,
    '/quitquitquit': quit,
  };
  const server = createServer((request, response) => {
    response.writeHead(routes[request.url ?? '']?.(request) ?? 404, { connection: 'close' }).end();
    if (state.hasQuit) server.close();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    hasQuit: () => state.hasQuit,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
