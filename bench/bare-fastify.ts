/** The least that a webhook could do with Fastify: it parses a body, and answers with a constant text. `node bench/bare-fastify.ts BYTES`. */
import { fastify } from 'fastify';
import { createSelfSignedCertificate } from '../src/certificates/self-signed.ts';

const answer = JSON.stringify('x'.repeat(Number(process.argv[2]) - 2));
const { cert, key } = await createSelfSignedCertificate(['localhost'], new Date());
const app = fastify({ https: { cert, key } });
app.post('/mutate', async (_request, reply) => reply.type('application/json; charset=utf-8').send(answer));
const address = await app.listen({ host: '127.0.0.1', port: 0 });
console.log(JSON.stringify({ webhook: `${address}/mutate`, pid: process.pid }));
