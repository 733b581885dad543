/**
 * Addresses and ports. All stay on this machine: loopback, a veth pair that leads nowhere, and the pods' namespaces.
 * Ports differ from the usual ones where a Debian package or another cluster might have taken them.
 */

/** The node's own address: a loopback address would leave `status.hostIP` empty, and Istio's sidecar needs it. */
export const nodeAddress = '10.243.0.1';
export const nodeLink = 'clockout0';
export const nodeName = 'node1';

export const podSubnet = '10.244.0.0/24';
export const serviceSubnet = '10.96.0.0/16';
/** The first address of the Services is the API server's own. */
export const apiServiceAddress = '10.96.0.1';

export const apiServerPort = 6443;
export const apiServer = `https://127.0.0.1:${apiServerPort}`;

export const etcdClient = 'http://127.0.0.1:32379';
export const etcdPeer = 'http://127.0.0.1:32380';

export const istiodInjectPort = 15017;
export const istiodPort = 15012;

export const registryPort = 15000;
