/**
 * The webhook's certificate in a cluster: the replicas share authorities in one Secret, each signs a short certificate for
 * itself, and each keeps the caBundle of the webhook configuration right. There is no leader: a change of the Secret goes
 * through for one replica only, by its resourceVersion, and the others take what they find.
 */

import type { CertificateState, ServingCertificate } from '../certificate.ts';
import { type KeyPair, signServing } from '../x509.ts';
import { caBundlePatch, isOff, otherService, trusts, type WebhookConfiguration } from './ca-bundle.ts';
import { type Authorities, advance, bundleOf, isExpired, isOld, type Rotation } from './rotation.ts';
import { decodeAuthorities, encodeAuthorities, type SecretData } from './secret.ts';

/** `owners` are uids. */
type Secret = { data: SecretData; resourceVersion: string; owners: string[] };

/** What this needs of a cluster. Each throws where the API server refuses or cannot be reached. */
export type SharedStore = {
  readSecret: () => Promise<Secret | undefined>;
  /**
   * @param owner with whose removal the Secret is removed, too, so that an uninstall leaves nothing behind
   * @param version of what is replaced; without one the Secret must not be there yet
   * @returns false where another replica was faster
   */
  writeSecret: (data: Record<string, string>, owner: SecretOwner, version?: string) => Promise<boolean>;
  readConfiguration: () => Promise<WebhookConfiguration | undefined>;
  /** @returns false where somebody else has changed it since it was read */
  patchConfiguration: (operations: ReturnType<typeof caBundlePatch>) => Promise<boolean>;
};

export type SecretOwner = WebhookConfiguration['metadata'];

export type SharedOptions = {
  hosts: readonly string[];
  rotation: Rotation;
  /** Of a replica's own certificate, in milliseconds. */
  servingLifetime: number;
};

export type Settled = CertificateState & {
  /** To sign with: one that the API server trusts, where there is one. Undefined until the Secret could be read. */
  authority?: KeyPair;
  /** Whether the caBundle had to be put right. */
  repaired: boolean;
};

/**
 * One pass: brings Secret and caBundle to where they should be. To be called again and again.
 * @param authority that is signed with by now
 */
export async function settle(
  authority: KeyPair | undefined,
  store: SharedStore,
  { hosts, rotation }: SharedOptions,
  now: Date,
): Promise<Settled> {
  const held = { ...(authority && { authority }), repaired: false };
  const found = await store.readConfiguration();
  // Nobody calls by a configuration that is gone; and a Secret that is made now would have no owner to be removed with.
  if (!found) return { ...held, isAccepted: authority !== undefined, problem: isMissing };
  const other = otherService(found, hosts);
  if (other) return { ...held, isAccepted: false, problem: isAnothers(found.metadata.name, other, hosts) };
  const shared = await settleAuthorities(store, rotation, now, found.metadata);
  if (!shared.ok) {
    const isAccepted = authority !== undefined && trusts(found, authority.cert);
    return { ...held, isAccepted, problem: shared.problem };
  }
  const { signing } = shared.authorities;
  const { configuration, repaired } = await settleBundle(store, found, bundleOf(shared.authorities));
  const next = authority && !trusts(configuration, signing.cert) ? authority : signing;
  return { authority: next, repaired, ...stateOf(configuration, next.cert) };
}

/** What a replica serves with, signed by that authority. Signs anew when it is due, which takes no API server. */
export async function renew(
  serving: SharedServing | undefined,
  authority: KeyPair,
  { hosts, servingLifetime }: SharedOptions,
  now: Date,
): Promise<SharedServing> {
  const isOf = serving?.ca === authority.cert;
  if (isOf && (isExpired(authority.cert, now) || !isOld(serving.cert, now, servingLifetime))) return serving;
  return await signServing(authority, hosts, { now, lifetime: servingLifetime });
}

export type SharedServing = ServingCertificate & { ca: string };

// --- internal ---

/** How often to try again at once when others change the same object; after that, the next pass does. */
const attempts = 5;

type SettledAuthorities = { ok: true; authorities: Authorities } | { ok: false; problem: string };

async function settleAuthorities(
  store: SharedStore,
  rotation: Rotation,
  now: Date,
  owner: SecretOwner,
): Promise<SettledAuthorities> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const secret = await store.readSecret();
    const decoded = secret && decodeAuthorities(secret.data);
    // Never overwritten: it may be somebody else's.
    if (decoded && !decoded.ok)
      return { ok: false, problem: `the Secret of the CA cannot be used: ${decoded.problem}; ${remedy}` };
    const held = decoded?.authorities;
    const wanted = await advance(held, now, rotation);
    // The webhook configuration may have been deleted and made anew.
    const isOwned = secret?.owners.includes(owner.uid);
    if (wanted === held && isOwned) return { ok: true, authorities: wanted };
    if (await store.writeSecret(encodeAuthorities(wanted), owner, secret?.resourceVersion)) {
      return { ok: true, authorities: wanted };
    }
  }
  return { ok: false, problem: 'the Secret of the CA is changed by others all the time' };
}

async function settleBundle(store: SharedStore, found: WebhookConfiguration, bundle: string) {
  let configuration = found;
  let repaired = false;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const patch = caBundlePatch(configuration, bundle);
    if (patch.length === 0) break;
    repaired = (await store.patchConfiguration(patch)) || repaired;
    configuration = (await store.readConfiguration()) ?? configuration;
  }
  return { configuration, repaired };
}

function stateOf(configuration: WebhookConfiguration, ca: string): CertificateState {
  // Nobody calls, as an operator wants it in an emergency. The replicas stay ready for the moment when it is turned on again.
  if (isOff(configuration)) return { isAccepted: true, problem: hasNoWebhooks };
  if (trusts(configuration, ca)) return { isAccepted: true };
  return { isAccepted: false, problem: 'the caBundle does not hold the CA of the certificate' };
}

const hasNoWebhooks =
  'the MutatingWebhookConfiguration has no webhooks, so Clockout is turned off and sees no pod; "helm upgrade" (or "kubectl apply") turns it on again';

const remedy = 'delete it, and a new one is made';

const isMissing = 'the MutatingWebhookConfiguration is not there';

const isAnothers = (name: string, other: string, hosts: readonly string[]) =>
  `the MutatingWebhookConfiguration ${name} is another installation's: it calls ${other}, and this certificate is for ${hosts.join(', ')}; give one of the two another name (webhook.name)`;
