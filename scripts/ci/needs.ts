/** What this machine has of what a part may need. */
import { spawnSync } from 'node:child_process';
import { cgroupProblem } from '../../test/e2e/attack/memory-cgroup.ts';
import type { Need } from './parts.ts';

const has = (program: string): boolean => spawnSync(program, ['version']).error === undefined;

const isRootOnDebian = (): boolean => process.platform === 'linux' && process.getuid?.() === 0 && has('apt-get');

const needs: Record<Need, { isMet: () => boolean; because: string }> = {
  x64: {
    isMet: () => process.platform === 'linux' && process.arch === 'x64',
    because: 'Helm comes as x64 programs for Linux only',
  },
  root: { isMet: isRootOnDebian, because: 'it needs root on Debian or Ubuntu' },
  cgroup: {
    isMet: () => cgroupProblem() === undefined,
    because: 'it needs root on Linux, and the right to make memory cgroups',
  },
  go: { isMet: () => has('go'), because: "it needs Go to build Kubernetes' YAML decoder with" },
  full: {
    isMet: () => process.env.FULL === '1' && isRootOnDebian() && has('go'),
    because: 'it builds kube-apiserver, so it needs FULL=1, Go, and root on Debian for etcd',
  },
  cluster: {
    isMet: () => isRootOnDebian() && has('go'),
    because: 'it needs root on Debian, and Go to build Kubernetes and Istio with',
  },
};

/** Why a part cannot run here. */
export function missing(need: Need | undefined): string | undefined {
  return need === undefined || needs[need].isMet() ? undefined : needs[need].because;
}
