/** One kubeconfig for each who talks to the API server. JSON is YAML too. */
import { writeFileSync } from 'node:fs';
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
