/**
 * Follows the templates of Jobs and CronJobs that may still start pods, in the namespaces whose pods the webhook sees.
 */
import {
  BatchV1Api,
  CoreV1Api,
  type KubeConfig,
  type V1CronJob,
  type V1Job,
  type V1Namespace,
  type V1PodTemplateSpec,
} from '@kubernetes/client-node';
import type { TemplateEvents } from '../image-lookup/warm-up.ts';
import { injectLabel } from '../pod/names.ts';
import type { Container, Pod } from '../pod/schema.ts';
import { explainError } from './errors.ts';
import { followList, type ListOptions } from './follow-list.ts';
import { createTemplateStore, type StoreBounds, type StoredTemplate } from './template-store.ts';

type TemplateOptions = TemplateEvents & {
  /** Namespaces that opted in or are observed, or all that did not opt out. A template's own label beats its namespace's. */
  mode: 'opted-in' | 'cluster';
  /** A sentence. The watch is tried again. */
  onError: (problem: string) => void;
  bounds?: StoreBounds;
};

/**
 * Needs `list` and `watch` on namespaces, and on jobs and cronjobs of the group batch.
 * @returns a function that ends it
 */
export function followTemplates(config: KubeConfig, { mode, onError, bounds, ...events }: TemplateOptions): () => void {
  const core = config.makeApiClient(CoreV1Api);
  const batch = config.makeApiClient(BatchV1Api);
  const store = createTemplateStore(events, bounds);
  const failed = (what: string) => (error: unknown) =>
    onError(explainError(`watch ${what} of the cluster`, error, remedy));

  const namespaces = followList<V1Namespace>(config, {
    path: '/api/v1/namespaces',
    list: (page) => core.listNamespace(page),
    onObject: (namespace, pass) => {
      const name = nameOf(namespace);
      if (takesPart(mode, name, namespace.metadata?.labels?.[injectLabel])) store.join(name, pass);
      else store.leave(name);
    },
    onGone: (namespace) => store.leave(nameOf(namespace)),
    onComplete: store.completeNamespaces,
    onError: failed('the namespaces'),
  });

  const followOwners = <T extends V1CronJob | V1Job>(
    kind: string,
    list: List<T>,
    templateOf: (owner: T) => V1PodTemplateSpec | undefined,
  ) =>
    followList<T>(config, {
      ...list,
      onObject: (owner, pass) => {
        const template = templateOf(owner);
        const stored = template && storedTemplate(owner, template);
        if (stored) store.put(kind, stored, pass);
        else store.forget(uidOf(owner));
      },
      onGone: (owner) => store.forget(uidOf(owner)),
      onComplete: (pass) => store.completeList(kind, pass),
      onError: failed(`the ${kind}`),
    });

  const following = [
    namespaces,
    followOwners<V1CronJob>(
      'CronJobs',
      { path: '/apis/batch/v1/cronjobs', list: (page) => batch.listCronJobForAllNamespaces(page) },
      templateOfCronJob,
    ),
    followOwners<V1Job>(
      'Jobs',
      {
        path: '/apis/batch/v1/jobs',
        list: (page) => batch.listJobForAllNamespaces(page),
        // Most Jobs of a cluster have succeeded long ago: the API server does not even send these.
        fieldSelector: 'status.successful=0',
      },
      templateOfJob,
    ),
  ];
  return () => {
    for (const { stop } of following) stop();
  };
}

// --- internal ---

const remedy = 'the chart gives it the right with `registry.warmUp`, unless `rbac.create` is false';

type Owner = V1CronJob | V1Job;
type List<T> = Pick<ListOptions<T>, 'path' | 'list' | 'fieldSelector'>;

const nameOf = ({ metadata }: V1Namespace) => `${metadata?.name}`;
const uidOf = ({ metadata }: Owner) => `${metadata?.uid}`;

/** The chart's webhook never sees the pods of these. */
const systemNamespaces: readonly string[] = ['kube-system', 'kube-node-lease'];

const takesPart = (mode: TemplateOptions['mode'], name: string, label: string | undefined) =>
  !systemNamespaces.includes(name) &&
  (mode === 'opted-in' ? label === 'enabled' || label === 'observe' : label !== 'disabled');

const templateOfCronJob = ({ spec }: V1CronJob) => (spec?.suspend ? undefined : spec?.jobTemplate.spec?.template);

/** @returns undefined for a Job that starts no more pods, and for a CronJob's, because the CronJob has the template */
function templateOfJob({ metadata, spec, status }: V1Job): V1PodTemplateSpec | undefined {
  // https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/controller/job/util/utils.go
  const isFinished = status?.conditions?.some(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
  const isCronJobs = metadata?.ownerReferences?.some(({ controller, kind }) => controller && kind === 'CronJob');
  return isFinished || isCronJobs ? undefined : spec?.template;
}

/** @returns undefined if there is nothing to look up ahead of time */
function storedTemplate({ metadata: owner }: Owner, { metadata, spec }: V1PodTemplateSpec): StoredTemplate | undefined {
  const { uid = '', namespace = '' } = owner ?? {};
  const label = metadata?.labels?.[injectLabel];
  const containers = (spec?.containers ?? []).filter(({ image, command }) => image && !command?.length);
  if (!spec || containers.length === 0 || label === 'false' || systemNamespaces.includes(namespace)) return undefined;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const { imagePullSecrets, serviceAccountName, nodeSelector } = spec;
  const pod: Pod = {
    metadata: { namespace },
    spec: {
      containers: containers.map(
        ({ name, image, imagePullPolicy }): Container => ({
          name,
          ...(image && { image }),
          ...(imagePullPolicy && { imagePullPolicy }),
        }),
      ),
      ...(imagePullSecrets && { imagePullSecrets: imagePullSecrets.map(({ name = '' }) => ({ name })) }),
      ...(serviceAccountName && { serviceAccountName }),
      ...(nodeSelector && { nodeSelector }),
      ...(required && { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } }),
    },
  };
  return { uid, namespace, joins: label === 'true', pod };
}
