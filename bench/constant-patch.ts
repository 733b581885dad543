/**
 * A webhook that parses each review, and answers with the patch that Clockout makes for the first one: what the API server, Istio
 * and the patch itself cost. `node bench/constant-patch.ts`
 */
import { fastify } from 'fastify';
import { admitReview } from '../src/admission/review.ts';
import { createSelfSignedCertificate } from '../src/certificates/self-signed.ts';
import { busyboxImage } from '../test/e2e/cluster/images.ts';

type Review = { request: { uid: string } };

const settings = { version: 'bench', wrapper: { image: busyboxImage } };
const { cert, key, ca = '' } = await createSelfSignedCertificate(['localhost'], new Date());
const app = fastify({ https: { cert, key }, keepAliveTimeout: 120_000 });
let constant: Promise<object> | undefined;

async function makeResponse(review: Review): Promise<object> {
  const answered = await admitReview(review, { settings, onUnwrappable: 'admit' });
  if (!answered.ok) throw new Error(answered.problem);
  return answered.value.review.response;
}

app.post<{ Body: Review }>('/mutate', async ({ body }) => {
  constant ??= makeResponse(body);
  const response = { ...(await constant), uid: body.request.uid };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
});
const address = await app.listen({ host: '127.0.0.1', port: 0 });
const webhook = `https://localhost:${new URL(address).port}/mutate`;
console.log(JSON.stringify({ webhook, pid: process.pid, caBundle: Buffer.from(ca).toString('base64') }));
