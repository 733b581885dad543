/** Sends one request to the API server with the caller's own rights, and waits as long as it is told to wait. */
import { setTimeout } from 'node:timers/promises';
import { HttpMethod, type KubeConfig, RequestContext } from '@kubernetes/client-node';
import { fetch, type Response } from 'undici';
import { readErrorCode, readErrorMessage } from '../../util/errors.ts';
import { parseObject } from '../../util/json-object.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import { printable, shortened } from '../../util/text.ts';
import { type ApiProblem, describeRefusal, type Refusal } from './problem.ts';
import { type Answer, describeNoAnswer, findStranger } from './stranger.ts';

export type ApiRequest = {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  query?: Readonly<Record<string, string>>;
  body?: unknown;
  /** What the request does, such as `list pods in the namespace shop`. */
  asked: string;
};

export type Connection = {
  config: KubeConfig;
  /** For one request, in milliseconds. */
  timeout: number;
  signal?: AbortSignal;
};

/** The problem, and the answer where there was one. */
export type Failed = { problem: ApiProblem; refusal?: Refusal };

/** @returns an answer with a status of success; its body is still to be read, with `readBody` */
export async function send(connection: Connection, request: ApiRequest): Promise<Result<Response, Failed>> {
  for (let attempt = 1; ; attempt++) {
    const sent = await sendOnce(connection, request);
    if (!sent.ok) return sent;
    const response = sent.value;
    if (response.ok && isJson(response)) return sent;
    const refusal = await readAnswer(response);
    const wait = attempt < mostAttempts ? readWait(response) : undefined;
    if (wait === undefined) {
      const stranger = findStranger(request.asked, serverOf(connection), refusal);
      return fail({ problem: stranger ?? describeRefusal(request.asked, refusal), refusal });
    }
    await setTimeout(wait, undefined, connection.signal && { signal: connection.signal }).catch(() => {});
  }
}

/** The server, as the kubeconfig has it. */
export const serverOf = ({ config }: Connection): string => config.getCurrentCluster()?.server ?? '';

/** @returns false if the answer broke off, or is larger than that; `take` gets the bytes as they arrive */
export async function readBody(
  response: Response,
  asked: string,
  maxBytes: number,
  take: (chunk: Uint8Array) => void,
): Promise<Result<void, ApiProblem>> {
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        const most = `${Math.ceil(maxBytes / 1024 / 1024)} MiB`;
        return fail({ kind: 'refused', message: `the API server's answer is larger than ${most}: cannot ${asked}` });
      }
      take(chunk);
    }
    return ok(undefined);
  } catch (error) {
    return fail({
      kind: 'unreachable',
      message: `the API server's answer broke off: cannot ${asked} (${printable(reasonOf(error))})`,
    });
  }
}

// --- internal ---

/** An API server that is busy says so, and when to ask again. */
const mostAttempts = 6;
const longestWait = 10_000;

/** A Status is a sentence, and the names of an object. */
const maxRefusalBytes = 64 * 1024;

/** Without the header, its text will show it. */
const isJson = ({ headers }: Response) => headers.get('content-type')?.includes('json') !== false;

async function sendOnce(
  connection: Connection,
  { method = 'GET', path, query = {}, body, asked }: ApiRequest,
): Promise<Result<Response, Failed>> {
  const { config, timeout, signal } = connection;
  const limit = AbortSignal.timeout(timeout);
  try {
    const url = new URL(`${serverOf(connection).replace(/\/$/, '')}${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const context = new RequestContext(`${url}`, HttpMethod[method]);
    await config.applySecurityAuthentication(context);
    const dispatcher = context.getDispatcher();
    const response = await fetch(url, {
      method,
      headers: { ...context.getHeaders(), accept: 'application/json', ...(body !== undefined && contentType[method]) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      // Whoever answers in its place must not lead the credentials elsewhere.
      redirect: 'manual',
      signal: signal ? AbortSignal.any([limit, signal]) : limit,
      ...(dispatcher && { dispatcher }),
    });
    return ok(response);
  } catch (error) {
    return fail({
      problem: describeNoAnswer(asked, serverOf(connection), limit.aborted ? tooSlow(timeout) : reasonOf(error)),
    });
  }
}

const contentType = {
  GET: {},
  DELETE: { 'content-type': 'application/json' },
  POST: { 'content-type': 'application/json' },
  PATCH: { 'content-type': 'application/merge-patch+json' },
};

async function readAnswer(response: Response): Promise<Answer> {
  const chunks: Uint8Array[] = [];
  await readBody(response, '', maxRefusalBytes, (chunk) => chunks.push(chunk));
  const text = Buffer.concat(chunks).toString();
  const contentType = response.headers.get('content-type') ?? '';
  return { status: response.status, contentType, text, body: parseObject(text) };
}

/** @returns milliseconds; undefined if it makes no sense to ask again */
function readWait({ status, headers }: Response): number | undefined {
  if (status !== 429 && status !== 503) return undefined;
  const seconds = Number(headers.get('retry-after') ?? 1);
  return Math.min(longestWait, Math.max(50, (Number.isFinite(seconds) ? seconds : 1) * 1000));
}

const tooSlow = (timeout: number) => `no answer within ${timeout / 1000} seconds`;

/** The cause says more than "fetch failed". */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause ? error.cause : error;
  if (cause instanceof Error && cause.name === 'TimeoutError') return 'its answer took too long';
  const code = readErrorCode(cause);
  // Of a file or a program that the kubeconfig names, the message has the name: `spawn aws ENOENT`.
  return code === undefined || isLocal(cause) ? shortened(readErrorMessage(cause), 300) : code;
}

const isLocal = (cause: unknown): boolean =>
  cause instanceof Error && 'syscall' in cause && /^(?:open|read|spawn)\b/.test(`${cause.syscall}`) && 'path' in cause;
