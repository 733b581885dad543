/** Why no answer came over the network, from the errors of undici, TLS, sockets and zlib. */
import type { RegistryProblem } from '../problem.ts';
import { offLimitsCode } from './connector.ts';

/** @throws the error itself if it says nothing of the network, but of a bug */
export function networkProblem(error: unknown, address: string, signal: AbortSignal): RegistryProblem {
  if (signal.aborted) return { kind: 'timeout', address };
  const { name, message } = error as Error;
  // undici's parser has no code for an answer that does not even begin like HTTP.
  const { code = name === 'HTTPParserError' ? 'HPE_UNKNOWN' : undefined } = error as NodeJS.ErrnoException;
  const refusal = proxyAnswer(message);
  if (refusal) return { kind: 'unreachable', address, reason: refusal };
  if (typeof code !== 'string' || code === 'UND_ERR_INVALID_ARG') throw error;
  if (code === offLimitsCode) return { kind: 'off-limits', address };
  if (timeouts.includes(code)) return { kind: 'timeout', address };
  if (notTls.includes(code)) return { kind: 'no-tls', address };
  if (/^(CERT_|ERR_TLS_CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA)/.test(code))
    return { kind: 'untrusted-certificate', address, reason: code };
  if (/^(HPE_|Z_)|OVERFLOW|LENGTH_MISMATCH/.test(code))
    return { kind: 'invalid-answer', address, expected: 'HTTP', found: `something else (${code})` };
  return { kind: 'unreachable', address, reason: reasons[code] ?? code };
}

// --- internal ---

const timeouts = ['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'];

const notTls = ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'];

const reasons: Record<string, string> = {
  UND_ERR_SOCKET: 'the connection was closed before the whole answer had come',
  ECONNRESET: 'the connection was reset',
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name server did not answer',
};

/** By https, undici tells of what is no 200; by http, of 407 only, as if it were an argument of ours: it passes on all others. */
const proxyAnswer = (message = '') => {
  const status = /^Proxy (?:response|Authentication Required) \((\d{3})\)/.exec(message)?.[1];
  return status && `the proxy answered ${status}`;
};
