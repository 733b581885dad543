/** A small client for the cluster's API server, as its admin: enough for tests, and without a process per question. */
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { readAdmin } from './kubeconfigs.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
// biome-ignore lint/suspicious/noExplicitAny: objects of every kind come through here, and tests look deep into them
export type KubeObject = any;

export class ApiError extends Error {
  status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export type Api = ReturnType<typeof connect>;

type Answer = { text: string; warnings: string[] };

export type WatchEvent = { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'; object: KubeObject };

/** Connects as the admin at the first request; the cluster must be up then. */
export function connect() {
  let made: ReturnType<typeof openTarget> | undefined;
  const target = () => {
    made ??= openTarget();
    return made;
  };

  const send = (method: string, path: string, body?: unknown, type = 'application/json'): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? '' : JSON.stringify(body);
      const { server, agent, authorization } = target();
      const content = body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(text) };
      const options = { method, agent, headers: { ...authorization, ...content }, timeout: 30_000 };
      const asked = request(`${server}${path}`, options, (response) => {
        let answer = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (answer += part));
        response.on('error', reject);
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          if (status < 300) resolve({ text: answer, warnings: warningsOf(response) });
          else reject(new ApiError(status, `${method} ${path}: ${status} ${messageOf(answer)}`));
        });
      });
      asked.on('timeout', () => asked.destroy(new Error(`${method} ${path}: no answer within 30 s`)));
      asked.on('error', reject);
      asked.end(text);
    });

  /** Every change of what a path lists, until it is stopped or the API server has had enough. */
  const watch = (path: string, resourceVersion: string, onEvent: (event: WatchEvent) => void) => {
    const { server, agent, authorization } = target();
    const query = `watch=true&resourceVersion=${resourceVersion}`;
    const asked = request(`${server}${path}?${query}`, { agent, headers: authorization });
    const ended = new Promise<void>((resolve) => {
      asked.on('error', () => resolve());
      asked.on('response', (response) => {
        let rest = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          const lines = `${rest}${part}`.split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) onEvent(JSON.parse(line));
        });
        response.on('error', () => resolve());
        response.on('close', () => resolve());
      });
    });
    asked.end();
    return { ended, stop: () => void asked.destroy() };
  };

  const json = async (...asked: Parameters<typeof send>): Promise<KubeObject> =>
    JSON.parse((await send(...asked)).text);

  return {
    text: async (path: string) => (await send('GET', path)).text,
    get: (path: string) => json('GET', path),
    create: (object: KubeObject, query = '') => json('POST', collection(object) + query, object),
    /** What would be created, and the warnings that whoever creates it would see. */
    tryOut: async (object: KubeObject): Promise<{ object: KubeObject; warnings: string[] }> => {
      const { text, warnings } = await send('POST', `${collection(object)}?dryRun=All`, object);
      return { object: JSON.parse(text), warnings };
    },
    /** For what isn't created where its kind says, such as an Eviction. */
    post: (path: string, object: KubeObject) => json('POST', path, object),
    /** Server-side apply: creates the object, or makes it so. */
    apply: (path: string, object: KubeObject) =>
      json('PATCH', `${path}?fieldManager=test&force=true`, object, 'application/apply-patch+yaml'),
    merge: (path: string, patch: Json) => json('PATCH', path, patch, 'application/merge-patch+json'),
    delete: (path: string, options: { gracePeriodSeconds?: number } = {}) =>
      json('DELETE', path, { propagationPolicy: 'Background', ...options }).catch(ignoreMissing),
    watch,
    close: () => made?.agent.destroy(),
  };
}

function openTarget() {
  const { server, ca, certificate, token } = readAdmin();
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return { server, authorization, agent: new Agent({ keepAlive: true, ca, ...certificate }) };
}

const ignoreMissing = (error: unknown): void => {
  if (!(error instanceof ApiError && error.status === 404)) throw error;
};

/** Where objects of the kinds we make are created. */
function collection(object: KubeObject): string {
  const { apiVersion, kind, metadata } = object;
  const group = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  const namespace = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${group}${namespace}/${kind.toLowerCase()}s`;
}

/** Each header has one, such as `299 - "text"`, in UTF-8. @see https://kubernetes.io/blog/2020/09/03/warnings/ */
const warningsOf = ({ headersDistinct: { warning = [] } }: IncomingMessage): string[] =>
  warning.map((header) => {
    const text = Buffer.from(header, 'latin1').toString();
    return /"(.*)"/s.exec(text)?.[1]?.replace(/\\(.)/g, '$1') ?? text;
  });

function messageOf(text: string): string {
  try {
    return JSON.parse(text).message;
  } catch {
    return text.slice(0, 200);
  }
}
