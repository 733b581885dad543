/** kubectl and helm, as the cluster's admin: argument lists to go on from. */
import { binaries } from './binaries.ts';
import { kubeconfig } from './kubeconfigs.ts';

const asAdmin = ['--kubeconfig', kubeconfig('admin')];

export const kubectl = [binaries.kubectl, ...asAdmin];
export const helm = [binaries.helm, ...asAdmin];
