/** One kubeconfig for each who talks to the API server. JSON is YAML too. */
import { readFileSync, writeFileSync } from 'node:fs';
import { apiServer } from './addresses.ts';
import { inState } from './paths.ts';
import { pki } from './pki.ts';

export const kubeconfig = (user: string): string => inState(`${user}.kubeconfig`);

/** Writes the kubeconfig of a user whose certificate `makePki` made. */
export function writeKubeconfig(user: string): void {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'clockout', cluster: { server: apiServer, 'certificate-authority': pki('ca.crt') } }],
    users: [{ name: user, user: { 'client-certificate': pki(`${user}.crt`), 'client-key': pki(`${user}.key`) } }],
    contexts: [{ name: 'clockout', context: { cluster: 'clockout', user } }],
    'current-context': 'clockout',
  };
  writeFileSync(kubeconfig(user), JSON.stringify(config, null, 2), { mode: 0o600 });
}

export type Admin = {
  /** The API server's URL. */
  server: string;
  ca: Buffer;
  /** One of both: a client certificate with its key, or a token. */
  certificate: { cert?: Buffer; key?: Buffer };
  token: string | undefined;
};

/** Reads how to reach the cluster in use as its admin. */
export function readAdmin(): Admin {
  const { clusters, users } = JSON.parse(readFileSync(kubeconfig('admin'), 'utf8'));
  const [{ cluster }, { user }] = [clusters[0], users[0]];
  /** A field with the content, or with the path of a file. */
  const content = (of: Record<string, string>, field: string): Buffer | undefined => {
    const [data, file] = [of[`${field}-data`], of[field]];
    if (data !== undefined) return Buffer.from(data, 'base64');
    return file === undefined ? undefined : readFileSync(file);
  };
  const [ca, cert, key] = [
    content(cluster, 'certificate-authority'),
    content(user, 'client-certificate'),
    content(user, 'client-key'),
  ];
  if (!ca || !(user.token || (cert && key))) {
    throw new Error(
      `expected a CA, and a user with a client certificate or a token, in ${kubeconfig('admin')}, found a user with ${Object.keys(user)}`,
    );
  }
  return { server: cluster.server, ca, certificate: cert && key ? { cert, key } : {}, token: user.token };
}
