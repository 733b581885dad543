/** Reads an answer of the API server while it arrives. The client library has methods only for whole answers. */
import { ApiException, HttpMethod, type KubeConfig, RequestContext } from '@kubernetes/client-node';
import { fetch } from 'undici';

type Question = {
  path: string;
  query?: Record<string, string>;
  accept: string;
  /** How many bytes to read, unpacked, before giving up. */
  maxBytes: number;
  signal: AbortSignal;
};

/** A sentence in a Status object. */
const maxRefusalCharacters = 16 * 1024;

/** @throws an ApiException if the status is not 200, as the library's own methods do */
export async function* streamAnswer(
  config: KubeConfig,
  { path, query = {}, accept, maxBytes, signal }: Question,
): AsyncGenerator<Uint8Array> {
  const url = new URL(`${config.getCurrentCluster()?.server}${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const context = new RequestContext(`${url}`, HttpMethod.GET);
  await config.applySecurityAuthentication(context);
  const dispatcher = context.getDispatcher();
  const headers = { ...context.getHeaders(), accept };
  const response = await fetch(url, { headers, signal, ...(dispatcher && { dispatcher }) });
  const isAnswer = response.status === 200;
  let refusal = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`its answer is larger than ${maxBytes / 1024 / 1024} MiB`);
    if (isAnswer) yield chunk;
    else if (refusal.length < maxRefusalCharacters) refusal += Buffer.from(chunk).toString();
  }
  if (!isAnswer) throw new ApiException(response.status, response.statusText, refusal, {});
}
