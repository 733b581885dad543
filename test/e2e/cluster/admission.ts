/** What the API server presents to webhooks: a certificate to Clockout, and nothing to others. As docs/callers.md has it. */
import { writeFileSync } from 'node:fs';
import { inState } from './paths.ts';
import { frontProxy, pki } from './pki.ts';

/** The value of kube-apiserver's flag. */
export const admissionConfig = inState('admission.yaml');

const kubeConfigFile = inState('webhooks.yaml');

/** @param webhook as the API server calls it, `SERVICE.NAMESPACE.svc` */
export function writeAdmissionConfig(webhook: string): void {
  const config = {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AdmissionConfiguration',
    plugins: [
      {
        name: 'MutatingAdmissionWebhook',
        configuration: {
          apiVersion: 'apiserver.config.k8s.io/v1',
          kind: 'WebhookAdmissionConfiguration',
          kubeConfigFile,
        },
      },
    ],
  };
  const user = {
    'client-certificate': pki(`${frontProxy.file}.crt`),
    'client-key': pki(`${frontProxy.file}.key`),
  };
  writeFileSync(admissionConfig, JSON.stringify(config, null, 2));
  writeFileSync(
    kubeConfigFile,
    JSON.stringify({ apiVersion: 'v1', kind: 'Config', users: [{ name: webhook, user }] }, null, 2),
    { mode: 0o600 },
  );
}
