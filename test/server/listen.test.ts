import { fastify } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listen } from '../../src/server/listen.ts';

function createApp() {
  const app = fastify();
  onTestFinished(() => app.close());
  return app;
}

describe('listen', () => {
  it('returns the address in a form that a client can use', async () => {
    const answer = await listen(createApp(), '127.0.0.1', 0, 'PORT');
    if (!answer.ok) throw new Error(answer.problem);
    expect(answer.value).toEqual({ url: `http://127.0.0.1:${answer.value.port}`, port: expect.any(Number) });
  });

  it('puts brackets around IPv6', async () => {
    const answer = await listen(createApp(), '::1', 0, 'PORT');
    // A machine without IPv6 has no ::1.
    if (answer.ok) expect(answer.value.url).toBe(`http://[::1]:${answer.value.port}`);
  });

  it('listens on IPv4 alone if the kernel has no IPv6', async () => {
    const app = createApp();
    const listenReally = app.server.listen.bind(app.server);
    const hosts: unknown[] = [];
    // What Node.js does there; this machine cannot be made to.
    app.server.listen = ((options: { host: string }, ...rest: never[]) => {
      hosts.push(options.host);
      if (options.host !== '::') return listenReally({ ...options, host: '127.0.0.1' }, ...rest);
      const error = Object.assign(new Error('listen EAFNOSUPPORT'), { code: 'EAFNOSUPPORT' });
      process.nextTick(() => app.server.emit('error', error));
      return app.server;
    }) as typeof app.server.listen;
    expect((await listen(app, '::', 0, 'PORT')).ok).toBe(true);
    expect(hosts).toEqual(['::', '0.0.0.0']);
  });

  it('listens only on the address that was given', async () => {
    expect(await listen(createApp(), '192.0.2.1', 0, 'PORT')).toMatchObject({ ok: false });
  });
});
