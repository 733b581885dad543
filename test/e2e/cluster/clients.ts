/** kubectl and helm, as the cluster's admin: argument lists to go on from. */
import { binaries } from './binaries.ts';
import { run } from './exec.ts';
import { kubeconfig } from './kubeconfigs.ts';

const asAdmin = ['--kubeconfig', kubeconfig('admin')];

export const kubectl = [binaries.kubectl, ...asAdmin];
export const helm = [binaries.helm, ...asAdmin];

/** Runs kubectl, and gives back what it printed. */
export const runKubectl = (...args: string[]): Promise<string> => run([...kubectl, ...args]);
