/** A webhook on this machine that does what webhooks with an old Kubernetes library do: it drops restartPolicy of init containers. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Api, KubeObject } from './api.ts';
import { configurations } from './install.ts';
import { needBuiltCluster } from './own-cluster.ts';
import { issue, makeAuthority } from './pki.ts';

type Options = {
  /** Of its configuration. The API server calls configurations in the order of their names. */
  name: string;
  /** Which pods it changes: by their labels, or by those of their namespace. */
  selectors: { objectSelector?: KubeObject; namespaceSelector?: KubeObject };
  /** `IfNeeded`: the API server calls it again if another webhook has changed the pod since. */
  reinvocationPolicy: 'Never' | 'IfNeeded';
};

/** @returns what stops it, and takes its configuration away */
export async function startStripper(api: Api, { name, selectors, reinvocationPolicy }: Options) {
  needBuiltCluster('a webhook on this machine');
  const authority = await makeAuthority('CN=stripper');
  const { certificate: cert, key } = await issue(authority, { file: '', name: 'CN=localhost', dns: ['localhost'] });
  const server = createServer({ cert, key }, async (request, response) => {
    let text = '';
    for await (const part of request.setEncoding('utf8')) text += part;
    const { apiVersion, kind, request: asked } = JSON.parse(text);
    const patch = (asked.object.spec.initContainers ?? []).flatMap(({ restartPolicy }: KubeObject, i: number) =>
      restartPolicy === undefined ? [] : [{ op: 'remove', path: `/spec/initContainers/${i}/restartPolicy` }],
    );
    const patched = { patchType: 'JSONPatch', patch: btoa(JSON.stringify(patch)) };
    const answer = { uid: asked.uid, allowed: true, ...(patch.length > 0 && patched) };
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ apiVersion, kind, response: answer }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const caBundle = btoa(authority.certificate.toString('pem'));
  await api.post(configurations, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: [
      {
        name: 'strip.example.com',
        clientConfig: { url: `https://localhost:${port}/`, caBundle },
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
        ...selectors,
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Ignore',
        reinvocationPolicy,
      },
    ],
  });
  return async (): Promise<void> => {
    await api.delete(`${configurations}/${name}`);
    server.closeAllConnections();
    server.close();
  };
}
