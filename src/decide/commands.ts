/** Commands that cannot run under a wrapper, or need none. */

import type { Facts } from '../pod/facts.ts';

/**
 * Init systems that run only as process 1.
 * @see https://github.com/just-containers/s6-overlay#the-docker-way and systemd(1)
 */
const inits = new Set(['/init', '/sbin/init', '/usr/sbin/init', '/bin/systemd']);
const initNames = /(^|\/)(systemd|s6-svscan|s6-linux-init|runit-init|openrc-init)$/;

export const needsPid1 = (argv: readonly string[]): boolean =>
  inits.has(argv[0] ?? '') || initNames.test(argv[0] ?? '');

/** Does the pod need process 1? Its author's word beats the names of programs. @param argvs those of its apps */
export const podNeedsPid1 = ({ options }: Facts, argvs: readonly (readonly string[])[]): boolean =>
  options['needs-pid-1'] ?? argvs.some(needsPid1);

/** @see https://argo-workflows.readthedocs.io/en/latest/workflow-executors/ and https://tekton.dev/docs/pipelines/container-contract/ */
const managerLabels = ['workflows.argoproj.io/workflow', 'tekton.dev/taskRun', 'tekton.dev/pipelineRun'];
const managerCommands = new Set(['/var/run/argo/argoexec', 'argoexec', '/tekton/bin/entrypoint']);

/** Does Argo Workflows or Tekton run the pod's commands? */
export const hasManagedCommand = ({ labels, apps }: Facts): boolean =>
  managerLabels.some((label) => labels[label] != null) ||
  apps.some(({ container }) => managerCommands.has(container.command?.[0] ?? ''));

/**
 * Katib's metrics collectors take the process whose parent is 0 for the trial's, and look for a file of that number.
 * @see https://github.com/kubeflow/katib/blob/v0.17.0/pkg/metricscollector/v1beta1/common/pns.go
 * @see https://github.com/kubeflow/katib/blob/v0.17.0/pkg/webhook/v1beta1/pod/utils.go (getSidecarContainerName)
 */
const katib = {
  collector: 'metrics-logger-and-collector',
  customCollector: 'metrics-collector',
  trialLabel: 'katib.kubeflow.org/trial',
};

/**
 * Flyte's copilot sends the app's results once no other process is left whose parent is 0. Its own wrapper would be one.
 * @see https://github.com/flyteorg/flyte/blob/0dfd15a19/flytecopilot/cmd/containerwatcher/spns_watcher.go
 */
const flyteCopilot = 'flyte-copilot-sidecar';

/** Does a container look for the app's process by its id or its parent? */
export function hasWatchedProcesses({ labels, spec, sharedProcesses }: Facts): boolean {
  const always = [katib.collector, flyteCopilot];
  const names = labels[katib.trialLabel] == null ? always : [...always, katib.customCollector];
  return sharedProcesses !== undefined && spec.containers.some(({ name }) => names.includes(name));
}
