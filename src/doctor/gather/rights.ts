/** Asks the API server what Clockout's service account, or the caller, may do. */
import type { Api, Target } from '../../kubernetes/api/api.ts';
import { findValue } from '../../util/find-value.ts';
import { inParallel } from '../../util/parallel.ts';
import { ok } from '../../util/result.ts';
import type { Known, Right } from '../facts.ts';

export type WantedRight = { verb: string; target: Target; why: string };

/** A service account; undefined: the caller. */
export type Subject = { namespace: string; name: string } | undefined;

export async function askRights(api: Api, subject: Subject, wanted: readonly WantedRight[]): Promise<Known<Right[]>> {
  return inParallel(wanted, 4, async ({ verb, target, why }): Promise<Known<Right>> => {
    const { group = '', resource, namespace, name } = target;
    const resourceAttributes = { verb, group, resource, ...(name && { name }), ...(namespace && { namespace }) };
    const answer = await api.create(
      { group: 'authorization.k8s.io', resource: subject ? 'subjectaccessreviews' : 'selfsubjectaccessreviews' },
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: subject ? 'SubjectAccessReview' : 'SelfSubjectAccessReview',
        spec: { resourceAttributes, ...(subject && userOf(subject)) },
      },
    );
    if (!answer.ok) return answer;
    const full = `${resource}${group ? `.${group}` : ''}${name ? `/${name}` : ''}`;
    return ok({
      verb,
      resource: full,
      namespace,
      why,
      isAllowed: findValue(answer.value, 'status', 'allowed') === true,
    });
  });
}

/**
 * The rights that the chart grants for these settings: templates/rbac*.yaml.
 * @param env variables of the server
 */
export function listServerRights(env: Readonly<Record<string, string | undefined>>): WantedRight[] {
  const [namespace = '', secret = ''] = env.CLOCKOUT_TLS_CA_SECRET?.split('/') ?? [];
  const secrets = { resource: 'secrets', namespace };
  const own = [env.CLOCKOUT_WEBHOOK_CONFIGURATION, env.CLOCKOUT_ASK_ISTIO_CONFIGURATION].filter((name) => name);
  const every = (verbs: readonly string[], target: Target, why: string) =>
    verbs.map((verb): WantedRight => ({ verb, target, why }));
  const warmUp = ![undefined, 'off'].includes(env.CLOCKOUT_REGISTRY_WARM_UP);
  return [
    ...(secret === ''
      ? []
      : [
          ...every(['get', 'watch', 'update'], { ...secrets, name: secret }, 'the replicas share their CA there'),
          ...every(['create'], secrets, 'the replicas create the Secret of their CA'),
        ]),
    ...own.flatMap((name) =>
      every(['get', 'watch', 'patch'], { ...configurations, name: `${name}` }, 'the replicas write their CA there'),
    ),
    ...(env.CLOCKOUT_STRATEGY === 'auto' ? every(['list'], { resource: 'nodes' }, 'the strategy auto needs it') : []),
    ...(env.CLOCKOUT_EVENTS === 'on' ? every(['create'], events, 'the value events needs it') : []),
    ...(env.CLOCKOUT_NAMESPACE_DEFAULTS === 'on'
      ? every(['list', 'watch'], { resource: 'namespaces' }, 'the value namespaceDefaults needs it')
      : []),
    ...(Number(env.CLOCKOUT_SWEEP_MINUTES) > 0
      ? every(['list'], { resource: 'pods' }, 'the value sweep.minutes needs it')
      : []),
    ...(warmUp
      ? [
          { group: 'batch', resource: 'jobs' },
          { group: 'batch', resource: 'cronjobs' },
          { resource: 'namespaces' },
        ].flatMap((target) => every(['list', 'watch'], target, 'registry.warmUp needs it'))
      : []),
  ];
}

/** For `registry.pullSecrets`: in all namespaces, or in those of `registry.pullSecretNamespaces`. */
export const readsPullSecrets = (env: Readonly<Record<string, string | undefined>>): boolean =>
  env.CLOCKOUT_REGISTRY_PULL_SECRETS === 'on';

export const pullSecretRight = (namespace?: string): WantedRight => ({
  verb: 'get',
  target: { resource: 'secrets', ...(namespace !== undefined && { namespace }) },
  why: 'registry.pullSecrets needs it',
});

/** What the chart contains with its default values. */
export const listInstallRights = (namespace: string): WantedRight[] =>
  [
    configurations,
    { group: 'rbac.authorization.k8s.io', resource: 'clusterroles' },
    { group: 'rbac.authorization.k8s.io', resource: 'clusterrolebindings' },
    ...[
      { group: 'apps', resource: 'deployments' },
      { resource: 'services' },
      { resource: 'serviceaccounts' },
      { resource: 'secrets' },
      { group: 'rbac.authorization.k8s.io', resource: 'roles' },
      { group: 'rbac.authorization.k8s.io', resource: 'rolebindings' },
      { group: 'policy', resource: 'poddisruptionbudgets' },
    ].map((target): Target => ({ ...target, namespace })),
  ].map((target): WantedRight => ({ verb: 'create', target, why: 'the chart contains it' }));

// --- internal ---

const events: Target = { resource: 'events' };

const configurations: Target = { group: 'admissionregistration.k8s.io', resource: 'mutatingwebhookconfigurations' };

/** @see https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/ */
const userOf = ({ namespace, name }: { namespace: string; name: string }) => ({
  user: `system:serviceaccount:${namespace}:${name}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
});
