/** A registry in this process, for what a real one can't be made to do at will; real.registry.ts runs a real one. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Content, Image, Index } from './content.ts';

export type TestServer = {
  /** host:port */
  host: string;
  /** `METHOD path?query`, in their order. */
  requests: string[];
  /** The Authorization header of each request, in their order. */
  authorizations: (string | undefined)[];
  /** How many connections clients have opened. */
  connections: () => number;
  close: () => Promise<void>;
};

/** @param tls a certificate and its key, for https */
export async function startServer(listener: RequestListener, tls?: { cert: string; key: string }): Promise<TestServer> {
  const requests: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    requests.push(`${request.method} ${decodeURIComponent(request.url ?? '')}`);
    authorizations.push(request.headers.authorization);
    listener(request, response);
  };
  const server = tls ? createTlsServer(tls, handle) : createServer(handle);
  let connections = 0;
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    authorizations,
    connections: () => connections,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Answers as a registry that has these images in each repository, tagged by their names here. */
export function serveImages(tagged: Record<string, Image | Index>): RequestListener {
  const stored = new Map<string, Content>();
  const add = (image: Image) => {
    for (const part of [image.manifest, image.config, image.layer]) stored.set(part.digest, part);
  };
  for (const [tag, item] of Object.entries(tagged)) {
    stored.set(tag, item.manifest);
    stored.set(item.manifest.digest, item.manifest);
    if ('images' in item) item.images.forEach(add);
    else add(item);
  }
  return (request, response) => {
    const [, kind, name = ''] = /^\/v2\/.+\/(manifests|blobs)\/([^/?]+)$/.exec(request.url ?? '') ?? [];
    const found = kind && stored.get(decodeURIComponent(name));
    if (!found) return sendError(response, 404, kind === 'blobs' ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN');
    response.setHeader('docker-content-digest', found.digest);
    response.setHeader('content-type', kind === 'blobs' ? 'application/octet-stream' : found.mediaType);
    response.end(request.method === 'HEAD' ? undefined : found.bytes);
  };
}

/** As the distribution API says it. */
export function sendError(response: ServerResponse, status: number, code: string, message = 'no'): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ errors: [{ code, message, detail: null }] }));
}
