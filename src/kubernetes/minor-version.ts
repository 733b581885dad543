/**
 * The minor of a version of Kubernetes. Clouds add to it: EKS's API server has the minor `29+`, and its kubelets are `v1.29.3-eks-ae9a62a`.
 * @see https://kubernetes.io/releases/version-skew-policy/
 */

/** @returns undefined if it is not a version 1 of Kubernetes, such as that of a kubelet that is none */
export function readMinor({ major, minor }: { major: string; minor: string }): number | undefined {
  const digits = /^\d{1,4}/.exec(minor)?.[0];
  return major === '1' && digits !== undefined ? Number(digits) : undefined;
}

/** @param version of a kubelet, as its node reports it */
export function readKubeletMinor(version: string): number | undefined {
  const [, major = '', minor = ''] = /^v(\d{1,4})\.(\d{1,4})\./.exec(version) ?? [];
  return readMinor({ major, minor });
}
