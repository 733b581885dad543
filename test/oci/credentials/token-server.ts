/** A server on loopback that speaks as a cloud's token servers do. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type TokenRequest = { method: string; path: string; headers: NodeJS.Dict<string | string[]>; body: string };

export type TokenServer = {
  /** host:port */
  host: string;
  requests: TokenRequest[];
  close: () => Promise<void>;
};

export async function startTokenServer(
  answer: (request: TokenRequest, response: ServerResponse) => void,
): Promise<TokenServer> {
  const requests: TokenRequest[] = [];
  const server = createServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const request = { method: `${incoming.method}`, path: `${incoming.url}`, headers: incoming.headers, body };
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A JSON web token that nobody has to check. */
export const webToken = (claims: object) =>
  ['{"alg":"none"}', JSON.stringify(claims), 'signature']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
