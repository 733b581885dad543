/** Commands that cannot, or need not, run under a wrapper. */

import type { AppContainer } from '../pod/annotations/select-containers.ts';
import type { Pod } from '../pod/schema.ts';
import { sharedProcesses } from '../pod/sidecars/read.ts';

/**
 * Init systems that refuse to run unless they are process 1.
 * @see https://github.com/just-containers/s6-overlay#the-docker-way and systemd(1)
 */
const inits = new Set(['/init', '/sbin/init', '/usr/sbin/init', '/bin/systemd']);
const initNames = /(^|\/)(systemd|s6-svscan|s6-linux-init|runit-init|openrc-init)$/;

export const needsPid1 = (argv: readonly string[]) => inits.has(argv[0] ?? '') || initNames.test(argv[0] ?? '');

/** @see https://argo-workflows.readthedocs.io/en/latest/workflow-executors/ and https://tekton.dev/docs/pipelines/container-contract/ */
const managerLabels = ['workflows.argoproj.io/workflow', 'tekton.dev/taskRun', 'tekton.dev/pipelineRun'];
const managerCommands = new Set(['/var/run/argo/argoexec', 'argoexec', '/tekton/bin/entrypoint']);

/**
 * Its collectors take the process whose parent is 0 for the trial's, and look for a file of that number.
 * @see https://github.com/kubeflow/katib/blob/v0.17.0/pkg/metricscollector/v1beta1/common/pns.go
 * @see https://github.com/kubeflow/katib/blob/v0.17.0/pkg/webhook/v1beta1/pod/utils.go (getSidecarContainerName)
 */
const katib = {
  ownName: 'metrics-logger-and-collector',
  otherName: 'metrics-collector',
  label: 'katib.kubeflow.org/trial',
};

export function hasWatchedProcesses(pod: Pod): boolean {
  const names = pod.metadata?.labels?.[katib.label] == null ? [katib.ownName] : [katib.ownName, katib.otherName];
  return sharedProcesses(pod) !== undefined && pod.spec.containers.some(({ name }) => names.includes(name));
}

export const runsManagedCommand = ({ metadata }: Pod, containers: AppContainer[]) =>
  managerLabels.some((label) => metadata?.labels?.[label] != null) ||
  containers.some(({ container }) => managerCommands.has(container.command?.[0] ?? ''));
