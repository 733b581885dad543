/** The programs of the control plane and the node, with the arguments each needs here. */
import { apiServerPort, etcdClient, etcdPeer, nodeAddress, nodeName, podSubnet, serviceSubnet } from './addresses.ts';
import { admissionConfig } from './admission.ts';
import { binaries } from './binaries.ts';
import { kubeconfig } from './kubeconfigs.ts';
import { inState } from './paths.ts';
import { pki } from './pki.ts';
import type { Program } from './processes.ts';

/** `{a: 'b'}` as `--a=b`. */
const flags = (values: Record<string, string | number | boolean>): string[] =>
  Object.entries(values).map(([name, value]) => `--${name}=${value}`);

export const etcd: Program = {
  name: 'etcd',
  argv: [
    'etcd',
    ...flags({
      'data-dir': inState('etcd'),
      'listen-client-urls': etcdClient,
      'advertise-client-urls': etcdClient,
      'listen-peer-urls': etcdPeer,
      'initial-advertise-peer-urls': etcdPeer,
      'initial-cluster': `default=${etcdPeer}`,
      'unsafe-no-fsync': true, // nothing here outlives the machine
    }),
  ],
};

export const containerd: Program = {
  name: 'containerd',
  argv: ['containerd', '--config', inState('containerd.toml')],
};

export const apiServer: Program = {
  name: 'kube-apiserver',
  argv: [
    binaries.apiserver,
    ...flags({
      'etcd-servers': etcdClient,
      // All addresses: this machine's programs use 127.0.0.1, pods the node's. Nobody gets in without a certificate.
      'bind-address': '0.0.0.0',
      'advertise-address': nodeAddress,
      'secure-port': apiServerPort,
      'tls-cert-file': pki('apiserver.crt'),
      'tls-private-key-file': pki('apiserver.key'),
      'client-ca-file': pki('ca.crt'),
      'anonymous-auth': false,
      'service-account-key-file': pki('sa.pub'),
      'service-account-signing-key-file': pki('sa.key'),
      'service-account-issuer': 'https://kubernetes.default.svc',
      'authorization-mode': 'Node,RBAC',
      'enable-admission-plugins': 'NodeRestriction',
      'admission-control-config-file': admissionConfig,
      // For `clockout policy`: on by default since 1.36, with the version v1.
      'feature-gates': 'MutatingAdmissionPolicy=true',
      'runtime-config': 'admissionregistration.k8s.io/v1beta1=true',
      'service-cluster-ip-range': serviceSubnet,
      'allow-privileged': true,
      'kubelet-preferred-address-types': 'InternalIP',
      'kubelet-certificate-authority': pki('ca.crt'),
      'kubelet-client-certificate': pki('admin.crt'),
      'kubelet-client-key': pki('admin.key'),
    }),
  ],
};

export const controllerManager: Program = {
  name: 'kube-controller-manager',
  argv: [
    binaries.controllerManager,
    ...flags({
      kubeconfig: kubeconfig('controller-manager'),
      'service-account-private-key-file': pki('sa.key'),
      'root-ca-file': pki('ca.crt'),
      'use-service-account-credentials': true,
      'leader-elect': false,
      'bind-address': '127.0.0.1',
    }),
  ],
};

export const scheduler: Program = {
  name: 'kube-scheduler',
  argv: [
    binaries.scheduler,
    ...flags({ kubeconfig: kubeconfig('scheduler'), 'leader-elect': false, 'bind-address': '127.0.0.1' }),
  ],
};

export const kubelet: Program = {
  name: 'kubelet',
  argv: [
    binaries.kubelet,
    ...flags({
      config: inState('kubelet.json'),
      kubeconfig: kubeconfig('node'),
      'hostname-override': nodeName,
      'node-ip': nodeAddress,
      'root-dir': inState('kubelet'),
    }),
  ],
};

/** Makes Services work: pods reach the API server, and the API server a webhook that runs in the cluster. */
export const kubeProxy: Program = {
  name: 'kube-proxy',
  argv: [
    binaries.kubeProxy,
    ...flags({
      kubeconfig: kubeconfig('admin'),
      'hostname-override': nodeName,
      'proxy-mode': 'iptables',
      'cluster-cidr': podSubnet,
      'healthz-bind-address': '127.0.0.1:10256',
      'metrics-bind-address': '127.0.0.1:10249',
      'iptables-localhost-nodeports': false,
      // Inside a container the kernel's connection table can't be set up, and needn't be.
      'conntrack-max-per-core': 0,
      'conntrack-tcp-timeout-established': 0,
      'conntrack-tcp-timeout-close-wait': 0,
    }),
  ],
};

/** In the order in which they are to be ended: first those who would start something anew. */
export const stopOrder = [
  'kubelet',
  'kube-proxy',
  'kube-scheduler',
  'kube-controller-manager',
  'istiod',
  'cert-manager-controller',
  'cert-manager-cainjector',
  'kube-apiserver',
  'etcd',
  'containerd',
  'docker-registry',
];
