/**
 * The least that a webhook could do with Fastify: it parses a body, and answers with a constant text, as long as its path says.
 * `node bench/bare-fastify.ts BYTES…`
 */
import { fastify } from 'fastify';
import { createSelfSignedCertificate } from '../src/certificates/self-signed.ts';

const { cert, key } = await createSelfSignedCertificate(['localhost'], new Date());
// As much as an API server sends for a pod of 3 MiB.
const app = fastify({ https: { cert, key }, bodyLimit: 8 * 1024 * 1024 });
for (const bytes of process.argv.slice(2)) {
  const answer = JSON.stringify('x'.repeat(Number(bytes) - 2));
  app.post(`/${bytes}`, async (_request, reply) => reply.type('application/json; charset=utf-8').send(answer));
}
const address = await app.listen({ host: '127.0.0.1', port: 0 });
console.log(JSON.stringify({ webhook: address, pid: process.pid }));
