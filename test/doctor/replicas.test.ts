/** What a replica presents and says, asked over real connections. */
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCa, signServingCertificate } from '../../src/certificates/x509.ts';
import { askReplica, type Replica } from '../../src/doctor/gather/replicas.ts';
import { fail, ok } from '../../src/util/result.ts';

const host = 'clockout.jobs.svc';
const validity = { now: new Date(), lifetimeMilliseconds: 86_400_000 };

const servers: Server[] = [];
const listen = (server: Server): Promise<number> => {
  servers.push(server);
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
};
afterAll(() => {
  for (const server of servers) server.close();
});

const replica = (webhookPort: number, metricsPort: number): Replica => ({
  pod: 'clockout-1',
  open: async (port) => ok(connect(port, '127.0.0.1')),
  webhookPort,
  metricsPort,
});

describe('a replica', async () => {
  const [own, foreign] = [await createCa(validity), await createCa(validity)];
  const { cert, key, notAfter } = await signServingCertificate(own, [host], validity);
  let [webhook, metrics, readiness] = [0, 0, 200];
  beforeAll(async () => {
    webhook = await listen(
      createTlsServer({ cert, key, maxVersion: 'TLSv1.2' }, (socket) => socket.on('error', () => {})),
    );
    const pages: Record<string, string> = {
      '/metrics': '# HELP x\nclockout_build_info{version="0.3.0",node="24.0.0"} 1\n',
      '/readyz': 'Not ready: the CA is missing.\n',
    };
    metrics = await listen(
      createHttpServer((request, response) => {
        response.writeHead(request.url === '/readyz' ? readiness : 200).end(pages[request.url ?? '']);
      }),
    );
  });

  it('is trusted with its own CA, and says which version it is', async () => {
    const asked = await askReplica(replica(webhook, metrics), host, own.cert);
    const valid = { problem: undefined, names: [host], notAfter: Math.floor(notAfter.getTime() / 1000) * 1000 };
    expect(asked.certificate).toMatchObject({ ok: true, value: valid });
    expect(asked.version).toEqual(ok('0.3.0'));
  });

  it('says why it is not ready', async () => {
    readiness = 503;
    const asked = await askReplica(replica(webhook, metrics), host, own.cert);
    expect(asked.readiness).toEqual(ok({ isReady: false, says: 'Not ready: the CA is missing.' }));
  });

  it.each([
    ['the CA of another', () => foreign.cert],
    ['no CA', () => ''],
    ['a broken CA', () => '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
  ])('is not trusted with %s', async (_, caBundle) => {
    const { certificate } = await askReplica(replica(webhook, metrics), host, caBundle());
    if (certificate.ok) expect(certificate.value.problem).toMatch(/^[A-Z_]+$/);
    else expect(certificate.problem.message).toMatch(/does not answer/);
  });

  it('is not judged where the CA is not known', async () => {
    const { certificate } = await askReplica(replica(webhook, metrics), host, undefined);
    expect(certificate).toMatchObject({ ok: true, value: { problem: undefined } });
  });

  it('that does not listen is a problem, and so is a missing right', async () => {
    const closed = await askReplica(replica(1, 1), host, own.cert);
    expect(closed.certificate).toMatchObject({ ok: false, problem: { kind: 'unreachable' } });
    const problem = { kind: 'forbidden', message: 'you may not create pods/portforward' } as const;
    const forbidden = await askReplica(
      { ...replica(webhook, metrics), open: async () => fail(problem) },
      host,
      own.cert,
    );
    expect(forbidden.certificate).toEqual(fail(problem));
  });
});
