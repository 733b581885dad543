/** A stand-in for istio-proxy's status port: a real HTTP server on loopback that can misbehave in every known way. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A status, or: `empty` closes without an answer, `hang` never answers. */
export type Answer = number | 'empty' | 'hang';

export type StandIn = {
  port: number;
  /** What came in: method, path, and when. */
  requests: { method: string; url: string; at: number }[];
  quits: () => number;
  /** What it answers from now on. */
  behave: (next: Partial<{ ready: Answer; quit: Answer; closeAfterQuit: boolean }>) => void;
  close: () => Promise<void>;
};

export async function startProxy(
  start: { ready?: Answer; quit?: Answer; port?: number; closeAfterQuit?: boolean } = {},
): Promise<StandIn> {
  const behaviour: { ready: Answer; quit: Answer; closeAfterQuit: boolean } = {
    ready: 200,
    quit: 200,
    closeAfterQuit: false,
    ...start,
  };
  const requests: StandIn['requests'] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    requests.push({ method, url, at: performance.now() });
    const answer = url === '/healthz/ready' ? behaviour.ready : behaviour.quit;
    if (answer === 'hang') return;
    if (answer === 'empty') {
      request.socket.destroy();
      return;
    }
    response.writeHead(url !== '/healthz/ready' && method !== 'POST' ? 405 : answer, { connection: 'close' }).end();
    if (method === 'POST' && behaviour.closeAfterQuit) server.close();
  });
  await new Promise<void>((resolve) => server.listen(start.port ?? 0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    quits: () => requests.filter(({ method, url }) => method === 'POST' && url === '/quitquitquit').length,
    behave: (next) => Object.assign(behaviour, next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  const proxy = await startProxy();
  await proxy.close();
  return proxy.port;
}
