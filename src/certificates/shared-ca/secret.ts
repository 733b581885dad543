/** The Secret that holds the shared CA. Its keys `tls.crt`, `tls.key` and `ca.crt` are those of a Secret of type TLS. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { fail, ok, type Result } from '../../util/result.ts';
import { splitPem } from '../pem.ts';
import type { KeyPair } from '../x509.ts';
import { joinCaBundle, type Rotation, rotate, type SharedCa } from './rotation.ts';
import { maxAttempts, type SecretData, type SecretOwner, type SharedCaStore } from './store.ts';

/**
 * Reads the Secret, rotates the CA if that is due, and writes the Secret if anything changed. There is no leader: the write of
 * only one replica succeeds, by the Secret's resourceVersion, and the others use what it wrote.
 */
export async function reconcileSecret(
  store: SharedCaStore,
  rotation: Rotation,
  now: Date,
  owner: SecretOwner,
): Promise<Result<SharedCa, string>> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const secret = await store.readSecret();
    const decoded = secret && decodeCa(secret.data);
    // Clockout never overwrites it: the Secret may belong to something else.
    if (decoded && !decoded.ok)
      return fail(`the Secret of the CA cannot be used: ${decoded.problem}; delete it, and Clockout makes a new one`);
    const held = decoded?.value;
    const wanted = await rotate(held, now, rotation);
    // The owner has another uid if the webhook configuration was deleted and created again.
    const isOwned = secret?.owners.includes(owner.uid);
    if (wanted === held && isOwned) return ok(wanted);
    if (await store.writeSecret(encodeCa(wanted), owner, secret?.resourceVersion)) return ok(wanted);
  }
  return fail(`gave up on the Secret of the CA after ${maxAttempts} conflicting updates`);
}

export function encodeCa(ca: SharedCa): Record<string, string> {
  const { signing, next, retired } = ca;
  const texts = {
    'tls.crt': signing.cert,
    'tls.key': signing.key,
    'ca.crt': joinCaBundle(ca),
    ...(retired.length > 0 && { 'retired.crt': retired.join('') }),
    ...(next && { 'next.crt': next.cert, 'next.key': next.key, 'next.announced': next.announced.toISOString() }),
  };
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]));
}

/** The problem says which key of the Secret cannot be used, and never what it holds. */
export function decodeCa(data: SecretData): Result<SharedCa, string> {
  const text = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString();
  const signing = decodePair(text('tls.crt'), text('tls.key'));
  if (!signing)
    return fail('expected the certificate of a CA in tls.crt and its private key, on the curve P-256, in tls.key');
  const retired = splitPem(text('retired.crt'));
  if (!retired.every(isCa)) return fail('expected certificates in retired.crt');
  if (data['next.crt'] === undefined) return ok({ signing, retired });
  const next = decodePair(text('next.crt'), text('next.key'));
  const announced = new Date(text('next.announced'));
  if (!next || Number.isNaN(announced.getTime())) {
    return fail('expected the next CA in next.crt, its private key in next.key, and a time in next.announced');
  }
  return ok({ signing, next: { ...next, announced }, retired });
}

// --- internal ---

/** Brings both to one form: certificates are compared as texts, and Clockout signs only with keys in PKCS #8. */
function decodePair(certText: string, keyText: string): KeyPair | undefined {
  try {
    const certificate = new X509Certificate(certText);
    const key = createPrivateKey(keyText);
    const isPair = certificate.ca && certificate.checkPrivateKey(key);
    if (!isPair || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return undefined;
    return { cert: certificate.toString(), key: `${key.export({ type: 'pkcs8', format: 'pem' })}` };
  } catch {
    return undefined;
  }
}

function isCa(text: string): boolean {
  try {
    return new X509Certificate(text).ca;
  } catch {
    return false;
  }
}
