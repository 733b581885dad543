/** Recognises answers that no API server gives, such as those of a proxy, and says what to check. Pure. */
import { printable, shortened } from '../../util/text.ts';
import type { ApiProblem } from './problem.ts';

/** An answer, as far as it tells who has given it. */
export type Answer = {
  status: number;
  /** The header; empty if there is none. */
  contentType: string;
  /** Its beginning is enough. */
  text: string;
  body: unknown;
};

/** @param server where the request was sent. @returns undefined for what an API server, or a proxy with its consent, can have answered */
export function findStranger(asked: string, server: string, answer: Answer): ApiProblem | undefined {
  if (!isStrange(answer)) return undefined;
  const { status, contentType, text } = answer;
  if (!text.startsWith(tlsOnly)) return describeStranger(asked, server, `status ${status}${nameOf(contentType)}`);
  const message = `${begin(asked)}: ${addressOf(server)} takes only TLS; the server in your kubeconfig has to begin with https://`;
  return { kind: 'unreachable', status, message };
}

/** @param found in its answer */
export const describeStranger = (asked: string, server: string, found: string): ApiProblem => ({
  kind: 'unreachable',
  message: `${begin(asked)}: ${addressOf(server)} is no API server, or a proxy answers in its place (${found}); check the server in your kubeconfig`,
});

/** @param reason a code of Node.js, or half a sentence */
export function describeNoAnswer(asked: string, server: string, reason: string): ApiProblem {
  const address = addressOf(server);
  const means = reasons.find(([begins]) => begins.test(reason))?.[1];
  const said = reason === '' ? '' : ` (${printable(reason)})`;
  const why = means ? `: ${means(address)}${said}` : ` at ${address}${said}`;
  return { kind: 'unreachable', message: begin(asked) + why };
}

// --- internal ---

const begin = (asked: string) => `the API server cannot be reached to ${asked}`;

/** Without a user or a path. */
const addressOf = (server: string): string => (URL.canParse(server) ? new URL(server).origin : shortened(server, 200));

const tlsOnly = 'Client sent an HTTP request to an HTTPS server';

/** Of an error code, or of half a sentence: how it begins, and what that means. */
const reasons: readonly [begins: RegExp, means: (address: string) => string][] = [
  // undici says nothing about an answer 407: https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
  [
    /^$/,
    (address) =>
      `the answer of ${address} is not that of an API server, such as that of a proxy that asks for a password; check the server in your kubeconfig, and your proxy settings`,
  ],
  [
    /^ECONNREFUSED/,
    (address) => `nothing listens at ${address}; check that the cluster runs, and the server in your kubeconfig`,
  ],
  [
    /^(ENOTFOUND|EAI_)/,
    (address) => `there is no host with the name in ${address}; check the server in your kubeconfig, and your VPN`,
  ],
  [
    /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|no answer)/,
    (address) => `${address} does not answer; check your VPN, and firewalls`,
  ],
  [
    /^(ERR_SSL|EPROTO)/,
    (address) =>
      `${address} does not speak TLS as an API server does; check the port, and whether the server in your kubeconfig has to begin with http://`,
  ],
  [/^(HPE_|Response does not match)/, (address) => `${address} does not speak HTTP; check the port in your kubeconfig`],
  [
    /^(ECONNRESET|UND_ERR_SOCKET|EPIPE)/,
    (address) => `${address} closed the connection; check the port in your kubeconfig`,
  ],
  [
    /^(UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|CERT_|ERR_TLS_CERT)/,
    (address) =>
      `your kubeconfig does not trust the certificate of ${address}; check its certificate authority, and proxies in between`,
  ],
];

/** Of an answer that is not read as JSON. An API server answers with JSON; to a path that it does not have with a line, and to one caller too many, too. */
function isStrange({ status, contentType, text, body }: Answer): boolean {
  if (status >= 300 && status < 400) return true;
  if (/\bhtml\b|\bxml\b/.test(contentType) || /^\s*</.test(text)) return true;
  if (text.startsWith(tlsOnly)) return true;
  if (status < 300) return true;
  if (status !== 404 || text.startsWith('404 page not found')) return false;
  return !(typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'Status');
}

function nameOf(contentType: string): string {
  const [type = ''] = contentType.split(';');
  return type === '' ? '' : `, ${shortened(type.trim(), 60)}`;
}
