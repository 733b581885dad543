import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { fetch } from 'undici';
import { afterEach, expect, it } from 'vitest';
import { requestToken } from '../../../src/oci/credentials/token-request.ts';
import { startTokenServer, type TokenServer } from './token-server.ts';

let server: TokenServer | undefined;
afterEach(() => server?.close());

it.each<[string, (response: ServerResponse) => void]>([
  ['at all', () => {}],
  ['to the end', (response) => response.writeHead(200).write('{')],
])('a server that does not answer %s gets no more time when the time is up', async (_, answer) => {
  let gone: Promise<unknown> | undefined;
  server = await startTokenServer((_, response) => {
    gone = once(response, 'close');
    answer(response);
  });
  const url = `http://${server.host}/`;
  expect(await requestToken(fetch, { server: 'it', url, signal: AbortSignal.timeout(50) })).toEqual({
    ok: false,
    problem: 'it cannot be reached (TimeoutError)',
  });
  await gone;
});
