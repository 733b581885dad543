/** The Secret that holds the shared CA. Its keys `tls.crt`, `tls.key` and `ca.crt` are those of a Secret of type TLS. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { fail, ok, type Result } from '../../util/result.ts';
import { splitPem } from '../pem.ts';
import type { KeyPair } from '../x509.ts';
import { isExpired, joinCaBundle, type Rotation, rotate, type SharedCa } from './ca-rotation.ts';
import { maxAttempts, type SecretData, type SecretOwner, type SharedCaStore } from './store.ts';

/** The CA to use from now on. `notice` says in a sentence how the Secret was lost or replaced, if it was. */
export type ReconciledSecret = { ca: SharedCa; notice?: string };

/**
 * Reads the Secret, rotates the CA if that is due, and writes the Secret if anything changed. There is no leader: the write of
 * only one replica succeeds, by the Secret's resourceVersion, and the others use what it wrote.
 * @param before the certificate of the CA that this replica signs with now, if it has one
 */
export async function reconcileSecret(
  store: SharedCaStore,
  rotation: Rotation,
  now: Date,
  { owner, before }: { owner: SecretOwner; before: string | undefined },
): Promise<Result<ReconciledSecret, string>> {
  const title = `the Secret ${store.secret.namespace}/${store.secret.name}`;
  let isMissing = false;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const secret = await store.readSecret();
    isMissing ||= !secret;
    const decoded: Result<SharedCa | undefined, string> = secret ? decodeCa(secret.data) : ok(undefined);
    // Clockout never overwrites it: the Secret may belong to something else.
    if (!decoded.ok) return fail(`${title} cannot be used: ${decoded.problem}; ${howToReplace(store)}`);
    const held = decoded.value;
    const wanted = await rotate(held, now, rotation);
    const isLost = before !== undefined && !isExpired(before, now) && !holds(wanted, before);
    const settled = { ca: wanted, ...(isLost && { notice: isMissing ? deleted(title) : replaced(title) }) };
    // The owner has another uid if the webhook configuration was deleted and created again.
    const isOwned = secret?.owners.includes(owner.uid);
    if (wanted === held && isOwned) return ok(settled);
    if (await store.writeSecret(encodeCa(wanted), owner, secret?.resourceVersion)) return ok(settled);
  }
  return fail(`gave up on ${title} after ${maxAttempts} conflicting updates; see who else writes to it`);
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
  const pair = (name: string) =>
    decodePair({ key: `${name}.crt`, text: text(`${name}.crt`) }, { key: `${name}.key`, text: text(`${name}.key`) });
  const signing = pair('tls');
  if (!signing.ok) return signing;
  const retired = splitPem(text('retired.crt'));
  if (!retired.every(isCa)) return fail('expected certificates of CAs in its key retired.crt');
  if (data['next.crt'] === undefined) return ok({ signing: signing.value, retired });
  const next = pair('next');
  if (!next.ok) return next;
  const announced = new Date(text('next.announced'));
  if (Number.isNaN(announced.getTime())) return fail('expected a time in its key next.announced');
  return ok({ signing: signing.value, next: { ...next.value, announced }, retired });
}

// --- internal ---

const deleted = (title: string) => `${title} was deleted; Clockout has created it again, with a new CA`;

const replaced = (title: string) =>
  `${title} was replaced: it holds another CA than before, and Clockout uses that one; see who else writes to it`;

const howToReplace = ({ secret: { namespace, name } }: SharedCaStore) =>
  `run "kubectl delete secret -n ${namespace} ${name}", and Clockout creates a new one`;

const holds = ({ signing, next, retired }: SharedCa, cert: string): boolean =>
  [signing.cert, next?.cert, ...retired].some((each) => each?.trim() === cert.trim());

/** A key of the Secret, and what it holds. */
type Entry = { key: string; text: string };

/** Brings both to one form: certificates are compared as texts, and Clockout signs only with keys in PKCS #8. */
function decodePair(cert: Entry, key: Entry): Result<KeyPair, string> {
  const missing = [cert, key].filter(({ text }) => text.trim() === '').map((entry) => entry.key);
  if (missing.length > 0)
    return fail(`it has nothing in its ${missing.length === 1 ? 'key' : 'keys'} ${missing.join(' and ')}`);
  const certificate = unlessThrown(() => new X509Certificate(cert.text));
  if (!certificate?.ca) return fail(`expected the certificate of a CA in its key ${cert.key}`);
  const privateKey = unlessThrown(() => createPrivateKey(key.text));
  // @see https://www.rfc-editor.org/rfc/rfc5480#section-2.1.1.1 (secp256r1, which OpenSSL names prime256v1)
  if (privateKey?.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    return fail(`expected a private key on the curve P-256, without a password, in its key ${key.key}`);
  if (!certificate.checkPrivateKey(privateKey))
    return fail(`the private key in its key ${key.key} does not belong to the certificate in ${cert.key}`);
  return ok({ cert: certificate.toString(), key: `${privateKey.export({ type: 'pkcs8', format: 'pem' })}` });
}

function unlessThrown<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const isCa = (text: string): boolean => unlessThrown(() => new X509Certificate(text).ca) === true;
