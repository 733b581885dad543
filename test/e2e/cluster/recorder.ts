/** A webhook that changes nothing, and keeps every AdmissionReview of a pod as the API server sent it. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Api, KubeObject } from './api.ts';
import { issue, makeAuthority } from './pki.ts';

export type Recorder = { reviews: KubeObject[]; close: () => Promise<void> };

const name = 'recorder'; // after istio-sidecar-injector, so that it sees what Istio made, and before zz-clockout

/** Starts recording the pods of one namespace. */
export async function startRecorder(api: Api, namespace: string): Promise<Recorder> {
  const ca = await makeAuthority('CN=recorder');
  const { certificate: cert, key } = await issue(ca, { file: '', name: 'CN=localhost', dns: ['localhost'] });
  const reviews: KubeObject[] = [];
  const server = createServer({ cert, key }, (request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      const review = JSON.parse(text);
      reviews.push(review);
      const { apiVersion, kind } = review;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ apiVersion, kind, response: { uid: review.request.uid, allowed: true } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await api.create(configuration(namespace, port, ca.certificate.toString('pem')));
  return {
    reviews,
    close: async () => {
      await api.delete(`/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${name}`);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const configuration = (namespace: string, port: number, ca: string): KubeObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name },
  webhooks: [
    {
      name: 'recorder.clockout.dev',
      clientConfig: { url: `https://localhost:${port}/`, caBundle: Buffer.from(ca).toString('base64') },
      rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      failurePolicy: 'Fail',
    },
  ],
});
