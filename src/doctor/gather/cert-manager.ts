/** Reads the Certificate that cert-manager keeps for the webhook, and its issuer. */
import type { Api, Target } from '../../kubernetes/api/api.ts';
import { findValue, listAt, textAt } from '../../util/find-value.ts';
import { ok } from '../../util/result.ts';
import type { Configuration, IssuedCertificate, Known, Readiness } from '../facts.ts';

/**
 * The Certificate that a configuration names for cert-manager's cainjector.
 * @returns undefined if none does
 * @see https://cert-manager.io/docs/concepts/ca-injector/
 */
export async function readIssued(
  api: Api,
  configurations: readonly Configuration[],
): Promise<Known<IssuedCertificate> | undefined> {
  const [source] = configurations.flatMap(({ caFrom }) => caFrom ?? []);
  if (source === undefined) return undefined;
  const [namespace = '', name = ''] = source.split('/');
  const certificate = await api.get({ ...certManager, resource: 'certificates', namespace, name });
  if (!certificate.ok)
    return certificate.problem.kind === 'missing' ? ok({ source, certificate: missing }) : certificate;
  const found = { source, certificate: readReadiness(certificate.value) };
  const { kind = 'Issuer', name: issuer, group } = readIssuerRef(certificate.value);
  // What issuers of other groups are, only they know.
  if (issuer === undefined || (group ?? certManager.group) !== certManager.group) return ok(found);
  const target: Target = kind === 'ClusterIssuer' ? { resource: 'clusterissuers' } : { resource: 'issuers', namespace };
  const got = await api.get({ ...certManager, ...target, name: issuer });
  if (!got.ok && got.problem.kind !== 'missing') return got;
  return ok({ ...found, issuer: { kind, name: issuer, ...(got.ok ? readReadiness(got.value) : missing) } });
}

// --- internal ---

const certManager = { group: 'cert-manager.io' };

const missing: Readiness = { isThere: false, isReady: false, says: '' };

const readIssuerRef = (certificate: unknown) => {
  const [kind, name, group] = ['kind', 'name', 'group'].map((key) => textAt(certificate, 'spec', 'issuerRef', key));
  return { kind, name, group };
};

function readReadiness(object: unknown): Readiness {
  const ready = listAt(object, 'status', 'conditions').find((each) => findValue(each, 'type') === 'Ready');
  return { isThere: true, isReady: textAt(ready, 'status') === 'True', says: textAt(ready, 'message') ?? '' };
}
