/** Whatever the proxy does or fails to do: the app runs, its code counts, and all waiting has an end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { closedPort, type StandIn } from '../../../wrapper/proxy.ts';
import type { Case } from '../case.ts';
import { type ContainedPlace, contained, type Lab, sh, timed, wrapperLine } from './lab.ts';

type Told = Pick<Case<ContainedPlace>, 'name' | 'title' | 'origins'>;

/** An app that ends with 3 beside such a proxy, which gets 1 s to become ready and 1 s to take the quit. */
const beside = (told: Told, most: number, make: (lab: Lab) => Promise<number>): Case<ContainedPlace> =>
  contained({
    ...told,
    run: async (lab) => {
      const [pod, port] = await Promise.all([lab.pod(), make(lab)]);
      const [exit, seconds] = await timed(pod.wrapper({ port, wait: 1, quit: 1 }, sh('echo ran; exit 3')).exit);
      expect(exit).toMatchObject({ code: 3, stdout: 'ran\n' });
      expect(seconds).toBeLessThan(most);
      return `exit code 3 in less than ${most} s, with 1 s for the proxy to become ready and 1 s to quit`;
    },
  });

const noProxy = ['redboxllc/scuttle#27', 'redboxllc/scuttle#50', 'redboxllc/scuttle#21', 'linkerd/linkerd2#8758'];

/** Lets a proxy change with the app's life: ready before it, something else after. */
const atTheEnd = (told: Told, change: (proxy: StandIn) => Promise<void> | void, check?: (proxy: StandIn) => void) =>
  contained({
    ...told,
    run: async (lab) => {
      const [pod, proxy] = await Promise.all([lab.pod(), lab.proxy()]);
      const run = pod.wrapper({ port: proxy.port }, sh('echo up; read x; exit 3'), { stdin: 'pipe' });
      await run.printed('up');
      await change(proxy);
      run.stdin('\n');
      const [exit, seconds] = await timed(run.exit);
      expect(exit).toMatchObject({ code: 3, stderr: '' });
      expect(seconds).toBeLessThan(4);
      check?.(proxy);
      return 'exit code 3 at once';
    },
  });

export const proxies: Case<ContainedPlace>[] = [
  beside({ name: 'no-proxy', title: 'No proxy at all: the app starts after the wait', origins: noProxy }, 5, () =>
    closedPort(),
  ),
  beside(
    {
      name: 'readiness-503',
      title: 'A proxy that is never ready',
      origins: ['linkerd/linkerd2#7659', 'istio/istio#32233'],
    },
    5,
    async (lab) => (await lab.proxy({ ready: 503 })).port,
  ),
  beside({ name: 'proxy-hangs', title: 'A proxy that takes connections and never answers' }, 9, (lab) =>
    lab.server(() => {}),
  ),
  beside({ name: 'proxy-hangs-up', title: 'A proxy that closes each connection without an answer' }, 6, (lab) =>
    lab.server((socket) => socket.end()),
  ),
  beside({ name: 'proxy-talks-nonsense', title: 'A proxy whose answer is not HTTP' }, 6, (lab) =>
    lab.server((socket) => socket.end('no such thing\r\n\r\n')),
  ),
  beside({ name: 'proxy-never-finishes', title: 'A proxy whose answer begins with 200 and never ends' }, 9, (lab) =>
    lab.server((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n')),
  ),
  ...([403, 404, 405, 500, 503] as const).map((quit) =>
    beside(
      { name: `quit-refused-with-${quit}`, title: `A proxy that answers the request to exit with ${quit}` },
      5,
      async (lab) => (await lab.proxy({ quit })).port,
    ),
  ),
  contained({
    name: 'late-proxy',
    title: 'The app starts when the proxy is ready, not before',
    origins: ['istio/istio#11659', 'redboxllc/scuttle#35'],
    run: async (lab) => {
      const [pod, proxy] = await Promise.all([lab.pod(), lab.proxy({ ready: 503 })]);
      const run = pod.wrapper({ port: proxy.port }, sh('echo up; exit 3'));
      await sleep(1200);
      expect(proxy.requests.every(({ method, url }) => method === 'GET' && url === '/healthz/ready')).toBe(true);
      proxy.behave({ ready: 200 });
      const [exit, seconds] = await timed(run.exit);
      expect(exit).toEqual({ code: 3, stdout: 'up\n', stderr: '' });
      expect(seconds).toBeLessThan(3);
    },
  }),
  contained({
    name: 'fail-without-proxy',
    title: 'An app that must not run without its mesh: exit code 124, and the proxy is asked to exit',
    origins: ['redboxllc/scuttle#27', 'linkerd/linkerd2#7659'],
    run: async (lab) => {
      const [pod, proxy] = await Promise.all([lab.pod(), lab.proxy({ ready: 503 })]);
      const exit = await pod.wrapper({ port: proxy.port, wait: 1, late: 'fail' }, sh('echo ran')).exit;
      expect(exit).toMatchObject({ code: 124, stdout: '' });
      expect(proxy.quits()).toBe(1);
      return 'exit code 124';
    },
  }),
  atTheEnd(
    {
      name: 'proxy-gone-at-the-end',
      title: 'A proxy that is gone when the app ends, as one that was killed',
      origins: ['redboxllc/scuttle#50', 'redboxllc/scuttle#27'],
    },
    (proxy) => proxy.close(),
  ),
  atTheEnd(
    { name: 'proxy-dies-of-the-quit', title: 'A proxy that exits on the request before it answers' },
    (proxy) => {
      proxy.behave({ quit: 'empty' });
      const dying = setInterval(() => {
        if (proxy.quits() === 0) return;
        clearInterval(dying);
        void proxy.close();
      }, 5);
    },
    (proxy) => expect(proxy.quits()).toBeLessThan(4),
  ),
  atTheEnd(
    {
      name: 'quit-is-a-post',
      title: 'The request to exit is one POST (a GET would be refused)',
      origins: ['istio/istio#15041'],
    },
    () => {},
    (proxy) => {
      const quits = proxy.requests.filter(({ url }) => url === '/quitquitquit');
      expect(quits.map(({ method }) => method)).toEqual(['POST']);
    },
  ),
  contained({
    name: 'app-quits-the-proxy-itself',
    title: 'An app that already ends its proxy itself, as many charts do, ends as before',
    origins: ['cloudnative-pg/cloudnative-pg#801', 'open-policy-agent/gatekeeper#1978'],
    run: async (lab) => {
      const [pod, proxy] = await Promise.all([lab.pod(), lab.proxy({ closeAfterQuit: true })]);
      const quit = `exec 3<>/dev/tcp/127.0.0.1/${proxy.port}; printf 'POST /quitquitquit HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3 >/dev/null`;
      const [exit, seconds] = await timed(
        pod.wrapper({ port: proxy.port }, ['/bin/bash', '-c', `${quit}; exit 5`]).exit,
      );
      expect(exit).toEqual({ code: 5, stdout: '', stderr: '' });
      expect(seconds).toBeLessThan(4);
      expect(proxy.quits()).toBe(1);
      return 'exit code 5 at once';
    },
  }),
  contained({
    name: 'quit-goes-past-http-proxy',
    title: 'The wait and the request to exit do not use http_proxy, and the app keeps that variable',
    run: async (lab) => {
      const [pod, proxy, other] = await Promise.all([lab.pod(), lab.proxy(), lab.proxy()]);
      const address = `http://127.0.0.1:${other.port}`;
      const env = { http_proxy: address, HTTP_PROXY: address, all_proxy: address };
      const { stdout } = await pod.wrapper({ port: proxy.port }, sh('echo $http_proxy'), { env }).exit;
      expect([stdout, proxy.quits(), other.requests]).toEqual([`${address}\n`, 1, []]);
    },
  }),
  contained({
    name: 'ipv6-only',
    title: 'In a pod with IPv6 addresses only, a proxy that listens on all addresses, as pilot-agent does, is reached',
    run: async (lab) => {
      const pod = await lab.pod();
      // What Go's Listen(":15020") does: one socket on [::] for both. Loopback has 127.0.0.1 in each network namespace.
      const proxy =
        'let n = 0; require("http").createServer((q, a) => { if (q.method === "POST") console.log("quit"); a.end(() => q.method === "POST" && process.exit()) }).listen(15020, "::", () => console.log("up"))';
      const script = `ip link set lo up; ip -6 address add fd00::1/64 dev lo; ${process.execPath} -e '${proxy}' & ${wrapperLine(15020, 30)} /bin/sh -c "exit 6"; echo $?; wait`;
      const exit = await pod.run(['unshare', '--net', ...sh(script)]).exit;
      expect(exit).toEqual({ code: 0, stdout: expect.stringMatching(/^up\nquit\n6\n$/), stderr: '' });
    },
  }),
  contained({
    name: 'unreadable-clock',
    title: 'If /proc/uptime cannot be read, the waits still end',
    run: async (lab) => {
      const [pod, port] = await Promise.all([lab.pod(), closedPort()]);
      const run = pod.run(sh(`mount --bind /dev/null /proc/uptime; exec ${wrapperLine(port, 1)} /bin/sh -c 'exit 3'`));
      const end = await Promise.race([run.exit.then(({ code }) => code), sleep(10_000, 'still waits')]);
      expect(end).toBe(3);
    },
  }),
];
