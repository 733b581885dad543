/**
 * What an HTTP status of a registry, or of its token server, means. Whatever it is, a mirror's refusal leads to the next
 * mirror, and a refusal is remembered for the failure lifetime, or as long as Retry-After says.
 */

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
] satisfies (RefusalProblem['kind'] | 'untrusted-realm')[];

export const isTemporaryStatus = (status: number): boolean => findMeaning(status)?.isTemporary ?? false;

/** @returns undefined for a status that is no refusal, such as 204 */
export const findKind = (status: number): RefusalProblem['kind'] | undefined => findMeaning(status)?.kind;

/** One sentence without its full stop. */
export function describeRefusal(problem: RefusalProblem): string {
  const { kind, address, status, code } = problem;
  const meaning = meanings.find((each) => each.kind === kind);
  const answered = `(${[status, code].filter(Boolean).join(' ')})`;
  return meaning?.describe(address, answered, 'credentialSent' in problem && problem.credentialSent) ?? address;
}

/** How long to remember a problem, in milliseconds: as long as the registry asked for, within these bounds. */
export const choosePause = (
  { retryAfter = 0 }: { kind: string; retryAfter?: number },
  shortest: number,
  longest: number,
): number => Math.max(shortest, Math.min(retryAfter * 1000, longest));

// --- internal ---

const findMeaning = (status: number) =>
  meanings.find(({ statuses: [first, last] }) => first <= status && status <= last);
