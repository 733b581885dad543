/** Who goes when, who is waited for, and what is taken for the end of a container. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { Run } from '../../../wrapper/pod.ts';
import type { Case } from '../case.ts';
import { type ContainedPlace, contained, type Lab, runsAfter, sh } from './lab.ts';

/** A sidecar that needs the mesh once more when it is told to end, as Vault Agent does to give its token back. */
const revoking = (port: number) =>
  sh(
    `trap "sleep 1; /clockout/busybox wget -q -O /dev/null http://127.0.0.1:${port}/healthz/ready && echo revoked; exit 0" TERM; echo up; while :; do sleep 0.05; done`,
  );

/** Runs an app with such a sidecar and the proxy. `meet` does something to the app, which then exits with code 3. */
const besideRevoking =
  (name: string, meet: (app: Run) => Promise<unknown>) =>
  async (lab: Lab): Promise<void> => {
    const pod = await lab.pod('app:any:3600', { guards: `istio-proxy,${name}` });
    const { port, run } = await lab.agent(pod);
    const sidecar = await lab.sidecar(pod, name, revoking(port), { sidecar: 100, guard: 100 });
    await pod.started(name);
    const script = 'trap "echo dumped" QUIT; echo up; read x; exit 3';
    const app = pod.wrapper({ port }, ['/bin/bash', '-c', script], { stdin: 'pipe' });
    await app.printed('up');
    await meet(app);
    app.stdin('\n');
    expect((await app.exit).code).toBe(3);
    expect(await sidecar.exit).toMatchObject({ code: 0, stdout: 'up\nrevoked\n' });
    expect((await run.exit).code).toBe(0);
  };

export const order: Case<ContainedPlace>[] = [
  contained({
    name: 'mesh-goes-last',
    title: 'Another sidecar is ended first, and can use the mesh until it has exited',
    origins: ['hashicorp/vault#11089', 'hashicorp/vault-k8s#217', 'istio/istio#7136'],
    run: besideRevoking('vault-agent', async () => {}),
  }),
  contained({
    name: 'last-flush-before-the-mesh-goes',
    title: 'A telemetry collector can still use the mesh when it sends its data',
    run: besideRevoking('otc-container', async () => {}),
  }),
  contained({
    name: 'thread-dump-is-no-end',
    title:
      'A signal that is not the stop signal, such as QUIT for a thread dump, does not shorten the time of the other sidecars',
    origins: ['docker-library/openjdk#76'],
    run: besideRevoking('vault-agent', async (app) => {
      app.signal('SIGQUIT');
      await app.printed('dumped');
    }),
  }),
  contained({
    name: 'ended-by-a-file',
    title:
      'An app that fails writes a file into a shared volume, after which the next container exits: each keeps its own exit code, and the proxy is asked to exit once',
    origins: ['https://caarlos0.dev'],
    run: async (lab) => {
      const [pod, proxy] = await Promise.all([lab.pod('app:any:3600,dind:any:3600'), lab.proxy()]);
      const file = join(pod.folder, 'done');
      const dind = pod.wrapper({ port: proxy.port, name: 'dind' }, sh(`until [ -f ${file} ]; do sleep 0.05; done`));
      const app = pod.wrapper({ port: proxy.port }, sh(`echo >${file}; exit 5`));
      expect([(await app.exit).code, (await dind.exit).code]).toEqual([5, 0]);
      expect(proxy.quits()).toBe(1);
      return 'exit codes 5 and 0';
    },
  }),
  contained({
    name: 'killed-before-the-guard',
    title:
      'An app that is killed before the guard first looks: the guard ends the proxy, once it has seen another app alive',
    run: async (lab) => {
      const pod = await lab.pod('app:any:3600,other:any:3600');
      const agent = await lab.agent(pod, {}, false);
      const [app, other] = ['app', 'other'].map((name) =>
        pod.wrapper({ port: 0, name }, sh('echo up; read x'), { stdin: 'pipe' }),
      ) as [Run, Run];
      await Promise.all([app, other].map((run) => run.printed('up')));
      app.kill();
      await app.exit;
      lab.guard(agent);
      await vi.waitFor(() => expect(agent.log()).toContain('CLOCKOUT: app killed\n'), 60_000);
      other.kill();
      expect((await agent.run.exit).code).toBe(0);
    },
  }),
  contained({
    name: 'never-seen-is-not-dead',
    title:
      'A guard that sees another FIFO than the wrapper, as with a volume that each container mounts separately, ends no proxy that an app needs',
    origins: ['google/gvisor#11326'],
    run: async (lab) => {
      const pod = await lab.pod();
      const agent = await lab.agent(pod, {}, false);
      const app = pod.wrapper({ port: agent.port }, sh('echo up; read x; exit 4'), { stdin: 'pipe' });
      await app.printed('up');
      const fifo = join(pod.state, 'alive/app/alive');
      rmSync(fifo);
      execFileSync('sh', ['-c', 'umask 0; mkfifo "$1"', 'sh', fifo]);
      lab.guard(agent);
      const line = 'CLOCKOUT: app started, and was never seen: its end is left to its wrapper\n';
      await vi.waitFor(() => expect(agent.log()).toBe(line), 60_000);
      expect(await runsAfter(agent.run, 3000)).toBe(true);
      app.stdin('\n');
      expect((await app.exit).code).toBe(4);
      expect((await agent.run.exit).code).toBe(0);
      expect(agent.log()).toBe(line);
    },
  }),
  contained({
    name: 'waits-for-whom',
    title: 'If one container has ended and another still runs, the log of the sidecar names the other one, once',
    run: async (lab) => {
      const pod = await lab.pod('app:any:3600,other:any:3600');
      const agent = await lab.agent(pod, {}, false);
      lab.guard(agent, ['report=1']);
      const other = pod.wrapper({ port: agent.port, name: 'other' }, sh('echo up; read x'), { stdin: 'pipe' });
      await other.printed('up');
      expect((await pod.wrapper({ port: agent.port }, sh('exit 5')).exit).code).toBe(5);
      const line = 'CLOCKOUT: the pod waits for other; another container has ended\n';
      await vi.waitFor(() => expect(agent.log()).toBe(line), 60_000);
      expect(await runsAfter(other, 3000)).toBe(true);
      other.stdin('\n');
      await other.exit;
      await agent.run.exit;
      expect(agent.log()).toBe(line);
      return 'the pod waits for other; another container has ended';
    },
  }),
  contained({
    name: 'noexec-volume',
    title: 'If a node mounts emptyDirs noexec, the init container fails with a log line that says so',
    origins: ['loft-sh/vcluster#1717', 'kubevirt/kubevirt#8639'],
    run: async (lab) => {
      const pod = await lab.pod();
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'noexec,mode=777', 'tools', pod.tools]);
      try {
        const { code, stderr } = await pod.init('app:any:3600');
        expect(code).toBe(1);
        expect(stderr).toContain(
          'CLOCKOUT: cannot execute from the volume at /clockout: the node mounts emptyDirs noexec',
        );
      } finally {
        execFileSync('umount', ['--lazy', pod.tools]);
      }
      return 'exit code 1, and a line with the cause';
    },
  }),
];
