/**
 * One pass that brings the cluster to where it should be. The replicas share a CA in one Secret, and each keeps the caBundle of
 * the webhook configuration correct.
 */
import { readErrorMessage } from '../../util/errors.ts';
import type { CertificateState } from '../certificate.ts';
import type { KeyPair } from '../x509.ts';
import { findForeignService, isTrusted, isTurnedOff, reconcileCaBundle } from './ca-bundle.ts';
import { joinCaBundle, type Rotation } from './ca-rotation.ts';
import { reconcileSecret } from './secret.ts';
import type { ConfigurationStore, SharedCaStore, WebhookConfiguration } from './store.ts';

export type SharedCaOptions = {
  hosts: readonly string[];
  rotation: Rotation;
  /** Lifetime of the certificate that a replica signs for itself. */
  servingLifetimeMilliseconds: number;
};

export type Reconciled = CertificateState & {
  /** The CA to sign with: one that the API server trusts, if there is one. Undefined until the Secret could be read. */
  ca?: KeyPair;
  /** Whether this pass corrected the caBundle. */
  isRepaired: boolean;
  /** What was wrong with the Secret and no longer is, in a sentence. */
  notice?: string;
};

/**
 * Reconciles the Secret and the caBundle once.
 * @param ca the CA that this replica signs with now
 * @throws if the API server refuses or cannot be reached
 */
export async function reconcile(
  ca: KeyPair | undefined,
  store: SharedCaStore,
  { hosts, rotation }: SharedCaOptions,
  now: Date,
): Promise<Reconciled> {
  const unchanged = { ...(ca && { ca }), isRepaired: false };
  const found = await store.readConfiguration();
  // Without the configuration nothing calls the webhook, and a new Secret would have no owner to be deleted with.
  if (!found) return { ...unchanged, isAccepted: ca !== undefined, problem: notFound };
  const service = findForeignService(found, hosts);
  if (service) return { ...unchanged, isAccepted: false, problem: explainForeign(found.metadata.name, service, hosts) };
  const secret = await reconcileSecret(store, rotation, now, { owner: found.metadata, before: ca?.cert });
  if (!secret.ok) {
    const isAccepted = ca !== undefined && isTrusted(found, ca.cert);
    return { ...unchanged, isAccepted, problem: secret.problem };
  }
  const { ca: shared, notice } = secret.value;
  const { signing } = shared;
  const bundle = joinCaBundle(shared);
  const asking = store.asking && (await reconcileAsking(store.asking, bundle, hosts));
  const { configuration, isRepaired } = await reconcileCaBundle(store, found, bundle);
  const next = ca && !isTrusted(configuration, signing.cert) ? ca : signing;
  const isAnyRepaired = isRepaired || asking?.isRepaired === true;
  const judged = judge(configuration, next.cert);
  return {
    ca: next,
    isRepaired: isAnyRepaired,
    ...(notice && { notice }),
    ...(judged.problem === undefined && asking?.problem ? { ...judged, problem: asking.problem } : judged),
  };
}

// --- internal ---

/** Without it, Istio is not asked, and Clockout converts what Istio injects: that is no reason to be unready. */
async function reconcileAsking(
  store: ConfigurationStore,
  bundle: string,
  hosts: readonly string[],
): Promise<{ isRepaired: boolean; problem?: string }> {
  try {
    const found = await store.readConfiguration();
    if (!found || findForeignService(found, hosts)) return { isRepaired: false };
    const { isRepaired } = await reconcileCaBundle(store, found, bundle);
    return { isRepaired };
  } catch (error) {
    return { isRepaired: false, problem: readErrorMessage(error) };
  }
}

function judge(configuration: WebhookConfiguration, ca: string): CertificateState {
  // The operator has turned Clockout off. The replicas stay ready, for when it is turned on again.
  if (isTurnedOff(configuration)) return { isAccepted: true, problem: turnedOff };
  if (isTrusted(configuration, ca)) return { isAccepted: true };
  return { isAccepted: false, problem: 'the caBundle does not hold the CA of the certificate' };
}

const turnedOff =
  'the MutatingWebhookConfiguration has no webhooks, so Clockout is turned off and sees no pod; "helm upgrade" (or "kubectl apply") turns it on again';

const notFound =
  'the MutatingWebhookConfiguration was not found, so the API server calls no webhook; "helm upgrade" (or "kubectl apply") creates it again';

const explainForeign = (name: string, service: string, hosts: readonly string[]) =>
  `the MutatingWebhookConfiguration ${name} is another installation's: it calls ${service}, and this certificate is for ${hosts.join(', ')}; give one of the two another name (webhook.name)`;
