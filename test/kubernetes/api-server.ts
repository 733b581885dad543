/** A stand-in for the API server, for what a real one can't be made to do at will; test/e2e/cluster has the real one. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { KubeConfig } from '@kubernetes/client-node';

type Handler = (request: IncomingMessage & { text: string }, response: ServerResponse) => void;

export type ApiServer = {
  config: KubeConfig;
  /** `METHOD path?query`, in their order. */
  requests: string[];
  /** How many connections clients have opened. */
  connections: () => number;
  close: () => Promise<void>;
};

/** @param upgrade takes connections that become WebSockets */
export async function startApiServer(
  handle: Handler,
  upgrade: (request: IncomingMessage, socket: Duplex) => void = (_, socket) => socket.destroy(),
): Promise<ApiServer> {
  const requests: string[] = [];
  let connections = 0;
  const server = createServer(async (request, response) => {
    requests.push(`${request.method} ${decodeURIComponent(request.url ?? '')}`);
    let text = '';
    for await (const chunk of request) text += chunk;
    handle(Object.assign(request, { text }), response);
  });
  server.on('connection', () => connections++);
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (request, socket) => {
    requests.push(`${request.method} ${decodeURIComponent(request.url ?? '')}`);
    upgraded.add(socket);
    socket.on('error', () => {});
    upgrade(request, socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'test', server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, skipTLSVerify: true },
    { name: 'test', token: 'secret-token' },
  );
  return {
    config,
    requests,
    connections: () => connections,
    close: () => {
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** As Kubernetes refuses. */
export const refusal = (code: number, message: string) => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code,
  message,
});
