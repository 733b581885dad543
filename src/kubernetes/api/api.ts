/** The API server as the commands see it that act with the caller's own rights. */
import type { KubeConfig } from '@kubernetes/client-node';
import { parseObject } from '../../util/json-object.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import { shareConnections } from '../kube-config.ts';
import { type KubeObject, type Listed, type ListOptions, list } from './list.ts';
import { type ApiProblem, isFatal } from './problem.ts';
import { type ApiRequest, type Connection, readBody, send, serverOf } from './send.ts';
import { describeStranger } from './stranger.ts';
import { describeTarget, pathOf, type Target } from './target.ts';

export type { ApiProblem, KubeObject, Listed, ListOptions, Target };
export { isFatal };

/** No method throws: what the API server answers, or does not, is a value. */
export type Api = {
  /** @param target with a name */
  get: (target: Target) => Promise<Result<KubeObject, ApiProblem>>;
  list: <T>(target: Target, options: ListOptions<T>) => Promise<Listed<T>>;
  /** @param target without a name, unless it has a subresource */
  create: (target: Target, body: KubeObject, options?: WriteOptions) => Promise<Result<KubeObject, ApiProblem>>;
  patch: (target: Target, body: KubeObject, options?: WriteOptions) => Promise<Result<KubeObject, ApiProblem>>;
  remove: (target: Target, body?: KubeObject) => Promise<Result<KubeObject, ApiProblem>>;
  /** What is no resource, such as `/version`. */
  getPath: (path: string) => Promise<Result<KubeObject, ApiProblem>>;
};

type WriteOptions = { dryRun?: boolean };

export type ApiOptions = {
  /** For each request, in milliseconds. */
  timeout?: number;
  signal?: AbortSignal;
};

export function createApi(config: KubeConfig, { timeout = 30_000, signal }: ApiOptions = {}): Api {
  const connection: Connection = { config: shareConnections(config), timeout, ...(signal && { signal }) };
  const ask = (verb: string, target: Target, request: Partial<ApiRequest> = {}) =>
    readObject(connection, { path: pathOf(target), asked: `${verb} ${describeTarget(target)}`, ...request });
  const queryOf = ({ dryRun = false }: WriteOptions = {}) => (dryRun ? { query: { dryRun: 'All' } } : {});
  return {
    get: (target) => ask('get', target),
    list: (target, options) => list(connection, target, options),
    create: (target, body, options) => ask('create', target, { method: 'POST', body, ...queryOf(options) }),
    patch: (target, body, options) => ask('patch', target, { method: 'PATCH', body, ...queryOf(options) }),
    remove: (target, body) => ask('delete', target, { method: 'DELETE', ...(body && { body }) }),
    getPath: (path) => readObject(connection, { path, asked: `get ${path}` }),
  };
}

// --- internal ---

/** Of one object. etcd takes 1.5 MiB. */
const maxBytes = 8 * 1024 * 1024;

async function readObject(connection: Connection, request: ApiRequest): Promise<Result<KubeObject, ApiProblem>> {
  const sent = await send(connection, request);
  if (!sent.ok) return fail(sent.problem.problem);
  const chunks: Uint8Array[] = [];
  const read = await readBody(sent.value, request.asked, maxBytes, (chunk) => chunks.push(chunk));
  if (!read.ok) return read;
  const value = parseObject(Buffer.concat(chunks).toString());
  if (value) return ok(value);
  return fail(describeStranger(request.asked, serverOf(connection), 'its answer is not a JSON object'));
}
