/**
 * The webhook's certificate in a cluster: the replicas share authorities in one Secret, each signs a short certificate for
 * itself, and each keeps the caBundle of the webhook configuration right. There is no leader: a change of the Secret goes
 * through for one replica only, by its resourceVersion, and the others take what they find.
 */
import { type Authorities, advance, bundleOf, isExpired, isOld, type Rotation } from './authorities.ts';
import { decodeAuthorities, encodeAuthorities, type SecretData } from './authorities-secret.ts';
import { caBundlePatch, otherService, trusts, type WebhookConfiguration } from './ca-bundle.ts';
import type { ServingCertificate } from './certificate.ts';
import { type KeyPair, signServing } from './x509.ts';

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

export type Settled = {
  /** To sign with: one that the API server trusts, where there is one. Undefined until the Secret could be read. */
  authority?: KeyPair;
  /** Why the API server would not accept us now; undefined where it does. */
  problem?: string;
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
  const unsettled = (problem: string) => ({ ...(authority && { authority }), repaired: false, problem });
  const found = await store.readConfiguration();
  // A replica that outlives its installation would make a Secret without an owner, which nobody removes.
  if (!found) return unsettled(isMissing);
  const other = otherService(found, hosts);
  if (other) return unsettled(isAnothers(found.metadata.name, other, hosts));
  const shared = await settleAuthorities(store, rotation, now, found.metadata);
  if (!shared.ok) return unsettled(shared.problem);
  const { signing } = shared.authorities;
  const { configuration, repaired } = await settleBundle(store, found, bundleOf(shared.authorities));

  const isTrusted = configuration !== undefined && trusts(configuration, signing.cert);
  const next = authority && !isTrusted ? authority : signing;
  const problem = problemOf(configuration, next.cert);
  return { authority: next, repaired, ...(problem !== undefined && { problem }) };
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
      return { ok: false, problem: `the Secret of the CA cannot be used: ${decoded.problem}` };
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
  let configuration: WebhookConfiguration | undefined = found;
  let repaired = false;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const patch = configuration ? caBundlePatch(configuration, bundle) : [];
    if (patch.length === 0) break;
    repaired = (await store.patchConfiguration(patch)) || repaired;
    configuration = await store.readConfiguration();
  }
  return { configuration, repaired };
}

const isMissing = 'the MutatingWebhookConfiguration is not there';

const isAnothers = (name: string, other: string, hosts: readonly string[]) =>
  `the MutatingWebhookConfiguration ${name} is another installation's: it calls ${other}, and this certificate is for ${hosts.join(', ')}; give one of the two another name (webhook.name)`;

function problemOf(configuration: WebhookConfiguration | undefined, ca: string): string | undefined {
  if (!configuration) return isMissing;
  return trusts(configuration, ca) ? undefined : 'the caBundle does not hold the CA of the certificate';
}
