/**
 * Kinds other than Pod, Job and CronJob whose controllers create pods that end: what the webhook would do with these pods, and where
 * their templates are. Pure.
 */
import { pointer } from '../inject/patch/operations.ts';
import { isObject } from '../util/json-object.ts';
import { shortened } from '../util/text.ts';

/**
 * Whose pods they are:
 * - `job`: a Job's, which the kind's controller creates
 * - `own`: the object's itself, or nobody's
 * - `managed`: the object's, with commands that its controller runs (the reason `managed-command`)
 */
type Owner = 'job' | 'own' | 'managed';

type OtherKind = {
  pods: Owner;
  /** A part of the path of the template whose pods are a Job's, where the others are not. */
  launcher?: string;
  /** What a template without a restartPolicy gets. */
  restartPolicy?: 'Never' | 'OnFailure';
};

/** @returns undefined for a kind that is not in the table */
export const findOtherKind = (kind: unknown, apiVersion: unknown): OtherKind | undefined => {
  const key = `${kind}.${String(apiVersion).split('/')[0]}`;
  return Object.hasOwn(kinds, key) ? kinds[key] : undefined;
};

/** Does a Job own the pods of the template at this path? Of a kind that is not in the table, one is taken to. */
export const isJobsTemplate = (known: OtherKind | undefined, path: string): boolean =>
  known === undefined || known.pods === 'job' || (known.launcher !== undefined && path.includes(known.launcher));

/** An object of another kind, whose pods are not looked at unless the user says where their templates are. */
export type OtherObject = {
  /** What becomes of its pods. */
  line: string;
  title: string;
  /** Where the templates are, as the user would say it; empty if they are looked at, or if there are none. */
  flags: string;
  /** Whether the webhook would decide on its pods, which Clockout has not looked at. */
  isOpen: boolean;
  object: Readonly<Record<string, unknown>>;
};

/**
 * Says what becomes of the object's pods.
 * @param title of the object
 * @returns undefined for an object that Clockout does not know, and that has no pod template whose pods end
 */
export function describeOtherKind(title: string, object: OtherObject['object']): OtherObject | undefined {
  const known = findOtherKind(object.kind, object.apiVersion);
  const paths = [...new Set(findTemplates(object, known !== undefined, []))];
  if (!known && paths.length === 0) return undefined;
  const shown = paths.slice(0, mostPaths).map((path) => `--template-path ${quotedForShell(path)}`);
  const flags = shortened(shown.join(' '), 800);
  const see = flags === '' ? '' : `; see them with ${flags}`;
  const line = `${title}: skipped; the webhook would decide on its pods${known ? decisionOn(known) : ''}${see}`;
  return { line: shortened(line, 1000), title, flags, isOpen: paths.length > 0 && known?.pods !== 'managed', object };
}

// --- internal ---

/** @see the docs of each project; for the Jobs of KubeRay and of the MPI operator, the reconcilers of RayJob and MPIJob */
const kinds: Readonly<Record<string, OtherKind>> = {
  'JobSet.jobset.x-k8s.io': { pods: 'job', restartPolicy: 'OnFailure' },
  'TrainingRuntime.trainer.kubeflow.org': { pods: 'job', restartPolicy: 'OnFailure' },
  'ClusterTrainingRuntime.trainer.kubeflow.org': { pods: 'job', restartPolicy: 'OnFailure' },
  'TrainJob.trainer.kubeflow.org': { pods: 'job' },
  'ScaledJob.keda.sh': { pods: 'job' },
  'RayJob.ray.io': { pods: 'own', launcher: '/submitterPodTemplate', restartPolicy: 'Never' },
  'MPIJob.kubeflow.org': { pods: 'own', launcher: '/Launcher/' },
  ...each(['PyTorchJob', 'TFJob', 'XGBoostJob', 'PaddleJob', 'JAXJob', 'MXJob'], 'kubeflow.org', { pods: 'own' }),
  'Experiment.kubeflow.org': { pods: 'job' },
  ...each(['SparkApplication', 'ScheduledSparkApplication'], 'sparkoperator.k8s.io', {
    pods: 'own',
    restartPolicy: 'Never',
  }),
  'Job.batch.volcano.sh': { pods: 'own' },
  ...each(['Workflow', 'CronWorkflow', 'WorkflowTemplate', 'ClusterWorkflowTemplate'], 'argoproj.io', {
    pods: 'managed',
  }),
  ...each(['Task', 'TaskRun', 'Pipeline', 'PipelineRun'], 'tekton.dev', { pods: 'managed' }),
};

function each(names: readonly string[], group: string, kind: OtherKind): Record<string, OtherKind> {
  return Object.fromEntries(names.map((name) => [`${name}.${group}`, kind]));
}

const onlyWithLabel = 'it wraps those with the label clockout.dev/inject: "true"';

function decisionOn({ pods, launcher }: OtherKind): string {
  if (launcher) return `: those that launch it belong to a Job; of the others, ${onlyWithLabel}`;
  switch (pods) {
    case 'job':
      return ', which belong to Jobs';
    case 'own':
      return `, which belong to no Job: ${onlyWithLabel}`;
    case 'managed':
      return ': without the label clockout.dev/inject: "true", it skips them as managed-command';
  }
}

/** A line names so many paths at most. */
const mostPaths = 5;

const quotedForShell = (text: string) => (/[^\w/.-]/.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : text);

/** Pointers to the pod templates in a value, with `*` for each item of a list. @param all also those whose pods never end */
function findTemplates(value: unknown, all: boolean, keys: readonly string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => findTemplates(item, all, [...keys, '*']));
  if (!isObject(value)) return [];
  const { spec } = value;
  // Not the object itself: it has a title, and is no template.
  if (keys.length > 0 && isObject(spec) && isContainers(spec.containers))
    return all || spec.restartPolicy === 'Never' || spec.restartPolicy === 'OnFailure' ? [pointer(...keys)] : [];
  return Object.entries(value).flatMap(([key, below]) => findTemplates(below, all, [...keys, key]));
}

const isContainers = (value: unknown) =>
  Array.isArray(value) && value.length > 0 && value.every((each) => isObject(each) && typeof each.name === 'string');
