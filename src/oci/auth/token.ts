/** Fetches the token that a Bearer challenge asks for. */
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Deadline } from '../../util/deadline.ts';
import { fail, ok } from '../../util/result.ts';
import type { RegistryClient } from '../client.ts';
import { type Credential, maxCredentialLength } from '../credentials/credential.ts';
import { decodeJson, invalidAnswer } from '../http/decode.ts';
import { exchange, type HttpAnswer, type HttpRequest } from '../http/exchange.ts';
import { readRefusal } from '../http/read-refusal.ts';
import { withRetries } from '../http/retry.ts';
import { showUrl } from '../http/show.ts';
import type { RegistryHost } from '../mirrors.ts';
import type { RegistryProblem, RegistryResult } from '../problem.ts';
import type { Challenge } from './challenge.ts';
import { checkRealm } from './realm.ts';

/** A Bearer challenge: in which answer, and of which host. */
type Challenged = { host: RegistryHost; answer: HttpAnswer; challenge: Challenge };

/**
 * A token to pull one repository. An identity token is exchanged by OAuth2; a user name and password, or none, by GET.
 * @see https://distribution.github.io/distribution/spec/auth/token/
 * @see https://distribution.github.io/distribution/spec/auth/oauth/
 */
export async function fetchToken(
  client: RegistryClient,
  { host, answer: challenged, challenge: { parameters } }: Challenged,
  credential: Credential | undefined,
  deadline: Deadline,
): Promise<RegistryResult<string>> {
  const named = parameters.get('realm') ?? '';
  const address = challenged.isPrivate ? challenged.address : host.origin;
  const realm = checkRealm(named, host, client.settings.trustedRealms ?? [], credential !== undefined);
  if (!realm.ok) {
    const shown = showRealm(named, challenged);
    return fail({ kind: 'untrusted-realm', address, realm: shown, reason: realm.problem });
  }
  const hidden = challenged.isPrivate ? { address: `the token server of ${address}` } : {};
  const query = new URLSearchParams({ scope: `repository:${host.repository}:pull` });
  const service = parameters.get('service');
  if (service !== undefined) query.set('service', service);

  const ask = (request: HttpRequest) =>
    withRetries(() => exchange(client, { ...request, ...hidden }, deadline.signal), deadline);
  let answer = await ask(
    credential?.kind === 'identity-token'
      ? grantRequest(realm.value, query, credential.token)
      : getRequest(realm.value, query, credential),
  );
  // Not every token server knows OAuth2; all know GET.
  if (credential?.kind === 'identity-token' && answer.ok && [404, 405].includes(answer.value.status))
    answer = await ask(getRequest(realm.value, query, credential));
  if (!answer.ok) return answer;
  if (answer.value.status === 200) return decodeToken(answer.value);
  const refusal = readRefusal(answer.value, credential !== undefined);
  return fail(credential ? asUnauthorized(refusal) : refusal);
}

/** Docker's credential helpers give identity tokens the user name `<token>`. */
export function formatBasicAuthorization(credential: Credential): string {
  const [username, password] =
    credential.kind === 'basic' ? [credential.username, credential.password] : ['<token>', credential.token];
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

// --- internal ---

const tokenSchema = Compile(
  Type.Object({ token: Type.Optional(Type.Unknown()), access_token: Type.Optional(Type.Unknown()) }),
);

const answerLimit = 64 * 1024;

function showRealm(named: string, { isPrivate }: HttpAnswer): string {
  const url = URL.parse(named);
  if (!url) return 'a realm';
  return isPrivate ? 'a host that is not shown' : showUrl(url);
}

function getRequest(realm: URL, query: URLSearchParams, credential: Credential | undefined): HttpRequest {
  const url = new URL(realm);
  for (const [name, value] of query) url.searchParams.set(name, value);
  const headers = credential && { authorization: formatBasicAuthorization(credential) };
  return { method: 'GET', url, headers: { accept: 'application/json', ...headers }, limit: answerLimit };
}

function grantRequest(url: URL, query: URLSearchParams, token: string): HttpRequest {
  const form = new URLSearchParams(query);
  form.set('grant_type', 'refresh_token');
  form.set('client_id', 'clockout');
  form.set('refresh_token', token);
  const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', url, headers, body: `${form}`, limit: answerLimit };
}

function decodeToken(answer: HttpAnswer): RegistryResult<string> {
  const decoded = decodeJson(answer, tokenSchema, 'a token');
  if (!decoded.ok) return decoded;
  // Some servers give one name, some the other, and some both with one of them empty.
  const token = [decoded.value.token, decoded.value.access_token].find(isToken);
  if (!token) return fail(invalidAnswer(answer, 'a token', 'none'));
  if (token.length <= maxCredentialLength) return ok(token);
  const expected = `a token of at most ${maxCredentialLength} characters`;
  return fail(invalidAnswer(answer, expected, `one of ${token.length}`));
}

/** OAuth2's way to say that a credential has expired, was revoked, or is not for this. @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
const asUnauthorized = (problem: RegistryProblem): RegistryProblem =>
  problem.kind === 'refused' && badCredential.includes(problem.code ?? '')
    ? { ...problem, kind: 'unauthorized', credentialSent: true }
    : problem;

const badCredential = ['invalid_grant', 'invalid_client', 'unauthorized_client'];

/** A header can hold nothing else. */
const isToken = (value: unknown): value is string => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
