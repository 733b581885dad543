/**
 * What an HTTP status of a registry, or of its token server, means. Whatever it is, a mirror's refusal leads to the next
 * mirror, and a refusal is remembered for the failure lifetime, or as long as Retry-After says.
 */
import type { RegistryProblem } from '../problem.ts';
import { parseJson } from './decode.ts';
import { type HttpAnswer, readHeader } from './exchange.ts';
import { showCode } from './show.ts';

/** `code` is the registry's own, if a specification has it; `retryAfter` is in seconds. */
type Refusal = { address: string; status: number; code?: string; retryAfter?: number };

export type RefusalProblem =
  | ({ kind: 'unauthorized' | 'forbidden'; credentialSent: boolean } & Refusal)
  | ({ kind: 'not-found' | 'rate-limited' | 'unavailable' | 'refused' } & Refusal);

type Meaning = {
  kind: RefusalProblem['kind'];
  statuses: [first: number, last: number];
  /** Whether to ask the same again soon. */
  isTemporary: boolean;
  /** One sentence without its full stop. @param answered the status and the code, in brackets */
  describe: (address: string, answered: string, credentialSent: boolean) => string;
};

/** The first row that fits. */
const meanings: readonly Meaning[] = [
  {
    kind: 'unauthorized',
    statuses: [401, 401],
    isTemporary: false,
    describe: (address, answered, credentialSent) =>
      credentialSent
        ? `${address} did not accept the credentials ${answered}; renew the pull secret`
        : `${address} asks for credentials ${answered}; check the image's name, or add a pull secret for it`,
  },
  {
    kind: 'forbidden',
    statuses: [403, 403],
    isTemporary: false,
    describe: (address, answered, credentialSent) =>
      `${address} denied access ${credentialSent ? 'with these credentials' : 'to anonymous clients'} ${answered}; use a pull secret that may read it`,
  },
  {
    kind: 'not-found',
    statuses: [404, 404],
    isTemporary: false,
    describe: (address, answered) =>
      `${address} does not exist ${answered}; correct the image's name or tag, or add a pull secret if it is private`,
  },
  {
    kind: 'rate-limited',
    statuses: [429, 429],
    isTemporary: true,
    describe: (address, answered) =>
      `${address} was asked too often ${answered}; try again later, with a pull secret or through a mirror`,
  },
  {
    kind: 'refused',
    statuses: [400, 499],
    isTemporary: false,
    describe: (address, answered) => `${address} refused the request ${answered}; check the image's name`,
  },
  {
    kind: 'unavailable',
    statuses: [500, 999],
    isTemporary: true,
    describe: (address, answered) => `${address} failed ${answered}; try again later, or set up a mirror`,
  },
];

/**
 * Problems after which another credential may help: registries also hide what a client may not read. The most telling comes
 * first: a credential that was accepted, then one that was known, then one that was not sent.
 */
export const credentialProblems: readonly string[] = [
  'not-found',
  'forbidden',
  'unauthorized',
  'untrusted-realm',
] satisfies RegistryProblem['kind'][];

export const isTemporaryStatus = (status: number): boolean => findMeaning(status)?.isTemporary ?? false;

/** @param credentialSent whether the server was told a credential */
export function readRefusal(answer: HttpAnswer, credentialSent: boolean): RegistryProblem {
  const { status, address } = answer;
  const kind = findMeaning(status)?.kind;
  if (!kind) return { kind: 'invalid-answer', address, status, expected: 'status 200', found: `status ${status}` };
  const code = readCode(answer);
  const wait = readRetryAfter(answer);
  const refusal = { address, status, ...(code && { code }), ...(wait > 0 && { retryAfter: Math.ceil(wait / 1000) }) };
  return kind === 'unauthorized' || kind === 'forbidden' ? { kind, credentialSent, ...refusal } : { kind, ...refusal };
}

/** One sentence without its full stop. */
export function describeRefusal(problem: RefusalProblem): string {
  const { kind, address, status, code } = problem;
  const meaning = meanings.find((each) => each.kind === kind);
  const answered = `(${[status, code].filter(Boolean).join(' ')})`;
  return meaning?.describe(address, answered, 'credentialSent' in problem && problem.credentialSent) ?? address;
}

/** @returns how long the server asks to wait, in milliseconds */
export const readRetryAfter = (answer: HttpAnswer): number =>
  parseRetryAfter(readHeader(answer, 'retry-after'), Date.now());

/**
 * How long to wait by a Retry-After header: seconds, or a date.
 * @returns milliseconds; 0 for none, or one that can't be read
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function parseRetryAfter(header: string | undefined, now: number): number {
  if (header === undefined) return 0;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

/** How long to remember a problem, in milliseconds: as long as the registry asked for, within these bounds. */
export function choosePause(problem: RegistryProblem, shortest: number, longest: number): number {
  const seconds = 'retryAfter' in problem ? (problem.retryAfter ?? 0) : 0;
  return Math.max(shortest, Math.min(seconds * 1000, longest));
}

// --- internal ---

const findMeaning = (status: number) =>
  meanings.find(({ statuses: [first, last] }) => first <= status && status <= last);

/**
 * The code of the first of a registry's errors, or of an OAuth token server; Docker Hub's token server calls it `code`.
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
function readCode({ body }: HttpAnswer): string | undefined {
  const parsed = parseJson(body) as { errors?: unknown; error?: unknown; code?: unknown } | null | undefined;
  const [first] = Array.isArray(parsed?.errors) ? parsed.errors : [];
  return showCode(first?.code) ?? showCode(parsed?.error) ?? showCode(parsed?.code);
}
