/** Checks of the certificate: what the API server trusts, and what the replicas present. */
import { parseCertificates } from '../../certificates/pem.ts';
import { shortened } from '../../util/text.ts';
import { type Check, type Finding, fault, fine, judge, named, unknown, warn } from '../check.ts';
import type { Facts, Installation, IssuedCertificate, Readiness, ServedCertificate } from '../facts.ts';

export const certificateChecks: readonly Check[] = [
  {
    id: 'ca-bundle',
    group: 'Server',
    when: 'after',
    about:
      'Each webhook of the configuration has a `caBundle` with certificates that can be read and have not expired.',
    remedy:
      'In mode `self`, the replicas write it within seconds: look at their log. In mode `certManager`, the cainjector of cert-manager does. In mode `existing`, set `certs.existing.caBundle`, or the annotation of an injector. See [Certificates](certificates.md).',
    needs: '`list` on `mutatingwebhookconfigurations`',
    find: ({ installation, now }) => installation && findCaBundle(installation, now),
  },
  {
    id: 'certificate',
    group: 'Server',
    when: 'after',
    about:
      'Each replica presents a certificate that the `caBundle` trusts, that names the Service, and that does not expire soon. The check opens a connection to each replica, through a port-forward or directly inside of the cluster.',
    remedy:
      'In mode `self`, delete the Secret of the CA: the replicas make a new one. In mode `certManager`, look at the `Certificate`. In mode `existing`, the Secret and `certs.existing.caBundle` must belong together, and the certificate needs `SERVICE.NAMESPACE.svc` as a `subjectAltName`. See [Certificates](certificates.md).',
    needs: '`list` on `pods`, `create` on `pods/portforward`, in the namespace of Clockout',
    find: (facts) => facts.installation && findCertificate(facts, facts.installation),
  },
  {
    id: 'cert-manager',
    group: 'Server',
    when: 'after',
    about: 'In mode `certManager`, the `Certificate` and its issuer exist and are ready.',
    remedy:
      "Without them, cert-manager does not renew the certificate, and the API server stops trusting Clockout when it expires. `helm upgrade` creates the chart's own `Certificate` and issuer again. If you set `certs.certManager.issuerRef`, look at that issuer. See [Certificates](certificates.md).",
    needs:
      '`get` on `certificates.cert-manager.io` and `issuers.cert-manager.io` in the namespace of Clockout, or on `clusterissuers.cert-manager.io`',
    find: ({ installation }) =>
      installation?.issued && judge("cert-manager's Certificate", installation.issued, findIssued),
  },
];

// --- internal ---

function findIssued({ source, certificate, issuer }: IssuedCertificate): Finding {
  const [namespace = '', name = ''] = source.split('/').map((part) => shortened(part, 253));
  const of = `${name} in the namespace ${namespace}`;
  const describe = `kubectl describe certificate -n ${namespace} ${name}`;
  const advice = 'Create it again with helm upgrade.';
  if (!certificate.isThere) return fault(`the Certificate ${of} does not exist, so it is not renewed`, advice);
  const what = issuer && `${shortened(issuer.kind, 63)} ${shortened(issuer.name, 253)}`;
  if (issuer && !issuer.isThere)
    return fault(`the ${what} of the Certificate ${of} does not exist, so it is not renewed`, advice, describe);
  if (!certificate.isReady)
    return fault(`the Certificate ${of} is not ready${why(certificate)}`, seeCertManager, describe);
  if (issuer && !issuer.isReady)
    return fault(`the ${what} of the Certificate ${of} is not ready${why(issuer)}`, seeCertManager, describe);
  return fine(`the Certificate ${of}${what === undefined ? ' is' : ` and its ${what} are`} ready`);
}

const seeCertManager = 'Look at its events, and at the log of cert-manager.';

const why = ({ says }: Readiness): string => (says === '' ? '' : `: ${shortened(says, 300)}`);

const bundlesOf = ({ configurations }: Installation) =>
  configurations.flatMap(({ name, targets }) => targets.map(({ webhook, caBundle }) => ({ name, webhook, caBundle })));

function findCaBundle(installation: Installation, now: number): Finding | undefined {
  const bundles = bundlesOf(installation);
  if (bundles.length === 0) return undefined;
  const advice = 'Look at the log of the replicas; in the other certificate modes, at who writes it.';
  for (const { name, webhook, caBundle } of bundles) {
    const of = `the caBundle of the webhook ${shortened(webhook, 253)} in ${shortened(name, 253)}`;
    if (caBundle === '') return fault(`${of} is empty: the API server trusts no certificate of Clockout`, advice);
    const certificates = parse(caBundle);
    if (!certificates) return fault(`${of} holds no certificates that can be read`, advice);
    const valid = certificates.filter(({ validTo }) => Date.parse(validTo) > now);
    if (valid.length === 0) return fault(`${of} has expired`, advice);
  }
  if (new Set(bundles.map(({ caBundle }) => caBundle)).size > 1) {
    return warn('the webhooks of the configuration have different caBundles', advice);
  }
  return fine('the caBundle of each webhook is set and valid');
}

function parse(pem: string) {
  try {
    return parseCertificates(pem);
  } catch {
    return undefined;
  }
}

function findCertificate({ now }: Facts, { replicas, service }: Installation): Finding | undefined {
  if (!replicas.ok) return unknown('the certificates of the replicas', replicas.problem);
  const host = `${service.name}.${service.namespace}.svc`;
  let soonest = Number.POSITIVE_INFINITY;
  for (const { pod, certificate } of replicas.value) {
    if (!certificate.ok) continue;
    const finding = judgeCertificate(shortened(pod, 253), certificate.value, host, now);
    if (finding) return finding;
    soonest = Math.min(soonest, certificate.value.notAfter);
  }
  if (soonest !== Number.POSITIVE_INFINITY) {
    return fine(
      `the replicas' certificates are trusted, name ${shortened(host, 253)}, and are valid until ${day(soonest)}`,
    );
  }
  const failed = replicas.value.flatMap(({ certificate }) => (certificate.ok ? [] : [certificate.problem]))[0];
  // Another check says that no replica is ready.
  return failed && unknown('the certificates of the replicas', failed);
}

/** A tenth of its lifetime. A certificate is usually renewed before. */
const dueShare = 0.1;

const day = (milliseconds: number) => new Date(milliseconds).toISOString().slice(0, 10);

function judgeCertificate(
  pod: string,
  { problem, notBefore, notAfter, names }: ServedCertificate,
  host: string,
  now: number,
): Finding | undefined {
  const of = `the certificate of ${pod}`;
  const renew = 'See who creates it: docs/certificates.md.';
  if (now > notAfter) return fault(`${of} expired on ${day(notAfter)}`, renew);
  if (now < notBefore) return fault(`${of} is not valid before ${day(notBefore)}`, 'Check the clocks of the nodes.');
  if (!names.some((name) => name === host || isWildcardFor(name, host))) {
    return fault(`${of} is for ${named(names) || 'no name'}; the API server expects ${shortened(host, 253)}`, renew);
  }
  if (problem !== undefined) {
    return fault(
      `the API server does not trust ${of}: the caBundle of the configuration does not fit (${shortened(problem, 60)})`,
      'The certificate and the caBundle must be of the same CA.',
    );
  }
  if (notAfter - now < (notAfter - notBefore) * dueShare) {
    return warn(`${of} expires on ${day(notAfter)}, and was not renewed`, renew);
  }
  return undefined;
}

const isWildcardFor = (name: string, host: string): boolean =>
  name.startsWith('*.') && host.slice(host.indexOf('.')) === name.slice(1);
