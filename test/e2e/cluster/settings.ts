/** The settings files of containerd, its network plugins, and the kubelet. */
import { apiServiceAddress, nodeAddress, podSubnet } from './addresses.ts';
import { pauseImage } from './images.ts';
import { inState } from './paths.ts';
import { pki } from './pki.ts';

export const containerdSocket = inState('containerd.sock');

/** For each registry that isn't trusted by everybody a folder of its name, with its CA. */
export const registryTrust = inState('certs.d');

/** All cgroups of the cluster's pods lie below this one, so that what is left of them can be told from others'. */
export const cgroupRoot = '/clockout-cluster';

/** @see https://github.com/containerd/containerd/blob/release/1.6/docs/cri/config.md */
export const containerdToml = (snapshotter: string): string => `
version = 2
root = "${inState('containerd')}"
state = "${inState('containerd-state')}"
[grpc]
  address = "${containerdSocket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # Inside a container, where this cluster may run itself, scores can't be lowered and AppArmor can't be loaded.
  restrict_oom_score_adj = true
  disable_apparmor = true
  # Network namespaces are mounted below \`state\`, where \`down\` finds them.
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${inState('cni')}"
  # Whom to trust besides the system's own: a folder for each registry, read at each pull.
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${registryTrust}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "${snapshotter}"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
`;

export const cniConfig = {
  cniVersion: '1.0.0',
  name: 'clockout-cluster',
  plugins: [
    {
      type: 'ptp',
      ipMasq: false,
      ipam: {
        type: 'host-local',
        dataDir: inState('cni-addresses'),
        ranges: [[{ subnet: podSubnet }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
  ],
};

/** @see https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ */
export const kubeletConfig = {
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  address: nodeAddress,
  authentication: {
    anonymous: { enabled: false },
    x509: { clientCAFile: pki('ca.crt') },
    webhook: { enabled: false },
  },
  authorization: { mode: 'AlwaysAllow' },
  tlsCertFile: pki('node.crt'),
  tlsPrivateKeyFile: pki('node.key'),
  containerRuntimeEndpoint: `unix://${containerdSocket}`,
  // Nobody answers there, and so no query leaves this machine.
  clusterDNS: [nodeAddress],
  clusterDomain: 'cluster.local',
  resolvConf: '',
  podLogsDir: inState('pods-log'),
  cgroupDriver: 'cgroupfs',
  cgroupRoot,
  // The machine may itself be a container: cgroup v1, swap, no right to set some sysctls, no limits on the node.
  failCgroupV1: false,
  failSwapOn: false,
  featureGates: { KubeletInUserNamespace: true },
  enforceNodeAllocatable: [],
  oomScoreAdj: 0,
  localStorageCapacityIsolation: false,
  makeIPTablesUtilChains: false,
  maxPods: 240,
  evictionHard: { 'nodefs.available': '1%', 'imagefs.available': '1%', 'memory.available': '50Mi' },
};

/** The addresses that the API server's certificate is good for. */
export const apiServerAddresses = ['127.0.0.1', apiServiceAddress, nodeAddress];
