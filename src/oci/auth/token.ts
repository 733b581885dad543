/** Fetches the token that a Bearer challenge asks for. */
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Budget } from '../../util/budget.ts';
import type { RegistryClient } from '../client.ts';
import { type Credential, maxCredentialLength } from '../credentials/credential.ts';
import { decodeJson, invalidAnswer } from '../http/decode.ts';
import { exchange, type HttpAnswer, type HttpRequest } from '../http/exchange.ts';
import { refusalOf } from '../http/refusal.ts';
import { withRetries } from '../http/retry.ts';
import type { Source } from '../mirrors.ts';
import type { RegistryProblem, Result } from '../problem.ts';
import type { Challenge } from './challenge.ts';
import { checkRealm } from './realm.ts';

/**
 * A token to pull one repository. An identity token is exchanged by OAuth2; a user name and password, or none, by GET.
 * @see https://distribution.github.io/distribution/spec/auth/token/
 * @see https://distribution.github.io/distribution/spec/auth/oauth/
 */
export async function fetchToken(
  client: RegistryClient,
  source: Source,
  { parameters }: Challenge,
  credential: Credential | undefined,
  budget: Budget,
): Promise<Result<string>> {
  const named = parameters.get('realm') ?? '';
  const realm = checkRealm(named, source, client.settings.trustedRealms ?? [], credential !== undefined);
  if (!realm.ok) {
    const shown = URL.parse(named)?.href ?? 'a realm';
    return {
      ok: false,
      problem: { kind: 'untrusted-realm', address: source.origin, realm: shown, reason: realm.reason },
    };
  }
  const query = new URLSearchParams({ scope: `repository:${source.repository}:pull` });
  const service = parameters.get('service');
  if (service !== undefined) query.set('service', service);

  const ask = (request: HttpRequest) => withRetries(() => exchange(client, request, budget.signal), budget);
  let answer = await ask(
    credential?.kind === 'identity-token'
      ? grantRequest(realm.url, query, credential.token)
      : getRequest(realm.url, query, credential),
  );
  // Not every token server knows OAuth2; all know GET.
  if (credential?.kind === 'identity-token' && answer.ok && [404, 405].includes(answer.value.status))
    answer = await ask(getRequest(realm.url, query, credential));
  if (!answer.ok) return answer;
  if (answer.value.status === 200) return decodeToken(answer.value);
  const refusal = refusalOf(answer.value, credential !== undefined);
  return { ok: false, problem: credential ? asUnauthorized(refusal) : refusal };
}

/** Docker's credential helpers give identity tokens the user name `<token>`. */
export function basicAuthorization(credential: Credential): string {
  const [username, password] =
    credential.kind === 'basic' ? [credential.username, credential.password] : ['<token>', credential.token];
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

// --- internal ---

const tokenSchema = Compile(
  Type.Object({ token: Type.Optional(Type.Unknown()), access_token: Type.Optional(Type.Unknown()) }),
);

const answerLimit = 64 * 1024;

function getRequest(realm: URL, query: URLSearchParams, credential: Credential | undefined): HttpRequest {
  const url = new URL(realm);
  for (const [name, value] of query) url.searchParams.set(name, value);
  const headers = credential && { authorization: basicAuthorization(credential) };
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

function decodeToken(answer: HttpAnswer): Result<string> {
  const decoded = decodeJson(answer, tokenSchema, 'a token');
  if (!decoded.ok) return decoded;
  // Some servers give one name, some the other, and some both with one of them empty.
  const token = [decoded.value.token, decoded.value.access_token].find(isToken);
  if (!token) return { ok: false, problem: invalidAnswer(answer, 'a token', 'none') };
  if (token.length <= maxCredentialLength) return { ok: true, value: token };
  const expected = `a token of at most ${maxCredentialLength} characters`;
  return { ok: false, problem: invalidAnswer(answer, expected, `one of ${token.length}`) };
}

/** OAuth2's way to say that a credential has expired, was revoked, or is not for this. @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
const asUnauthorized = (problem: RegistryProblem): RegistryProblem =>
  problem.kind === 'refused' && badCredential.includes(problem.code ?? '')
    ? { ...problem, kind: 'unauthorized', credentialSent: true }
    : problem;

const badCredential = ['invalid_grant', 'invalid_client', 'unauthorized_client'];

/** Anything else could not stand in a header. */
const isToken = (value: unknown): value is string => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
