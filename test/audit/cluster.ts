/** A stand-in for an API server that lists objects in pages, and refuses what it is told to refuse. */
import type { ServerResponse } from 'node:http';
import { readSelector, selects } from '../../src/mesh/label-selector.ts';
import { findValue } from '../../src/util/find-value.ts';
import { type ApiServer, refusal, sendJson, startApiServer } from '../kubernetes/api-server.ts';

/** By their resource. A text is an object as JSON, for many of them. */
export type Objects = Record<string, readonly (object | string)[]>;

export type ClusterOptions = {
  /** Answers with a status instead of a list: 403, for example. */
  refuse?: (resource: string, namespace: string | undefined, count: number) => number | undefined;
  pageSize?: number;
};

export const startCluster = (objects: Objects, { refuse, pageSize = 500 }: ClusterOptions = {}): Promise<ApiServer> => {
  let count = 0;
  return startApiServer(({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(`http://_${url}`);
    if (pathname === '/version') return sendJson(response, 200, { major: '1', minor: '35' });
    const [, , encoded, resource = '', name] = path.exec(pathname) ?? [];
    const namespace = encoded && decodeURIComponent(encoded);
    const status = refuse?.(resource, namespace, ++count);
    if (status !== undefined) return sendRefusal(response, status, resource, searchParams);
    const all = objects[resource] ?? [];
    if (name !== undefined) return sendOne(response, all, name);
    const fitting = all.filter((each) => fits(each, namespace, searchParams));
    sendPage(response, fitting, Number(searchParams.get('continue') ?? 0), pageSize);
  });
};

// --- internal ---

const path = /^\/(api\/v1|apis\/[^/]+\/v1)(?:\/namespaces\/([^/]+)(?=\/))?\/([a-z]+)(?:\/([^/]+))?$/;

function sendRefusal(response: ServerResponse, status: number, resource: string, query: URLSearchParams): void {
  response.setHeader('retry-after', '0');
  const body = refusal(status, `cannot list resource "${resource}"`);
  // An expired token comes with another one.
  sendJson(response, status, status === 410 ? { ...body, metadata: { continue: query.get('continue') } } : body);
}

function sendOne(response: ServerResponse, all: readonly (object | string)[], name: string): void {
  const found = all.find((each) => findValue(each, 'metadata', 'name') === name);
  if (typeof found === 'object') sendJson(response, 200, found);
  else sendJson(response, 404, refusal(404, `"${name}" not found`));
}

function sendPage(response: ServerResponse, all: readonly (object | string)[], at: number, size: number): void {
  const items = all.slice(at, at + size).map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
  const left = all.length - at - size;
  const more = left > 0 ? { continue: `${at + size}`, remainingItemCount: left } : {};
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(
    `{"kind":"List","metadata":${JSON.stringify({ resourceVersion: '1', ...more })},"items":[${items.join(',')}]}`,
  );
}

/** Texts are of all namespaces and have all labels. */
function fits(object: object | string, namespace: string | undefined, query: URLSearchParams): boolean {
  if (typeof object === 'string') return true;
  const labels = (findValue(object, 'metadata', 'labels') ?? {}) as Record<string, string>;
  const [key, value] = (query.get('labelSelector') ?? '').split('=', 2);
  if (key && key !== 'kubernetes.io/os' && !selects(readSelector({ matchLabels: { [key]: value } }), labels))
    return false;
  if (
    query.get('fieldSelector') === 'spec.restartPolicy!=Always' &&
    findValue(object, 'spec', 'restartPolicy') === 'Always'
  )
    return false;
  return namespace === undefined || findValue(object, 'metadata', 'namespace') === namespace;
}
