/** What the wrapper of a pod with `clockout.dev/trace: "true"` says. The guard needs a container: test/e2e/wrapper. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { busybox, makePod, type Pod, type Run, scripts } from './pod.ts';
import { closedPort, startProxy } from './proxy.ts';

describe.skipIf(!busybox)('the trace of the wrapper', () => {
  let pod: Pod;
  beforeAll(async () => {
    pod = makePod('plain', scripts.traced);
    await pod.init('app:any:0,retried:zero:0,other:any:0', '-', {}, 'native', '');
  });
  afterAll(() => pod.remove());

  const sh = (script: string) => ['/bin/sh', '-c', script];
  /**
   * Ports and process ids differ each time.
   * @param late what an answer counts as that does not come in time, as on a busy machine; left out: such lines do not count
   */
  const sentences = async (run: Run, late?: string) =>
    (await run.trace)
      .map((line) => line.replace(/:\d+/g, ':PORT').replace(/process \d+/, 'process N'))
      .flatMap((line) => (isLate.test(line) ? (late === undefined ? [] : [line.replace(isLate, `$1${late}`)]) : [line]))
      .filter((line, i, all) => line !== all[i - 1]);
  const isLate = /(answer(?:ed)?: )none$/;
  const ended = (name: string) => writeFileSync(join(pod.state, 'steps', name, 'end'), '');

  it('an app that exits, when the other containers still run', async () => {
    expect(await sentences(pod.wrapper({}, sh('exit 3')))).toEqual([
      'clockout: started the app as process N',
      'clockout: the app exited with 3',
      'clockout: retried has not ended yet: asking no sidecar to exit',
    ]);
  });

  it('a failure that the kubelet retries', async () => {
    expect(await sentences(pod.wrapper({ name: 'retried' }, sh('exit 1')))).toEqual([
      'clockout: started the app as process N',
      'clockout: the app exited with 1',
      'clockout: the kubelet restarts this container: asking no sidecar to exit',
    ]);
  });

  it('the last app that exits: the proxy is asked to exit, until it accepts', async () => {
    for (const name of ['retried', 'other']) ended(name);
    const busy = await startProxy({ quit: 503 });
    const run = pod.wrapper({ port: busy.port }, sh('exit 3'));
    await vi.waitFor(() => expect(busy.quits()).toBeGreaterThan(0), 25_000);
    busy.behave({ quit: 200 });
    expect(await sentences(run)).toEqual([
      'clockout: waited for the proxy at 127.0.0.1:PORT; its last answer: accepted',
      'clockout: started the app as process N',
      'clockout: the app exited with 3',
      'clockout: asking the sidecar at http://127.0.0.1:PORT/quitquitquit to exit',
      'clockout: http://127.0.0.1:PORT/quitquitquit answered: other',
      'clockout: http://127.0.0.1:PORT/quitquitquit answered: accepted',
    ]);
    expect(pod.done('app', 'proxy')).toBe(true);
    await busy.close();
  });

  it('a proxy that is not ready yet, and then is', async () => {
    const late = await startProxy({ ready: 503 });
    const run = pod.wrapper({ port: late.port, quit: 'never' }, sh('exit 0'));
    await vi.waitFor(() => expect(late.requests.length).toBeGreaterThan(0), 25_000);
    late.behave({ ready: 200 });
    expect((await sentences(run, 'other')).slice(0, 3)).toEqual([
      'clockout: the proxy at 127.0.0.1:PORT is not ready yet; its answer: other',
      'clockout: waited for the proxy at 127.0.0.1:PORT; its last answer: accepted',
      'clockout: started the app as process N',
    ]);
    await late.close();
  });

  it('a proxy that is never there: the wait has an end', async () => {
    const run = pod.wrapper({ port: await closedPort(), wait: 1, quit: 'never' }, sh('exit 0'));
    expect((await sentences(run)).slice(0, 3)).toEqual([
      'clockout: the proxy at 127.0.0.1:PORT is not ready yet; its answer: refused',
      'clockout: waited for the proxy at 127.0.0.1:PORT; its last answer: refused',
      'clockout: started the app as process N',
    ]);
    expect((await run.exit).stderr).toBe('CLOCKOUT: proxy not ready in 1 s: will start\n');
  });

  it('a signal while the app runs', async () => {
    const run = pod.wrapper({ quit: 'never' }, sh('trap "exit 7" USR1; echo up; while :; do sleep 0.02; done'));
    await run.printed('up');
    run.signal('SIGUSR1');
    expect(await sentences(run)).toEqual([
      'clockout: started the app as process N',
      'clockout: passing signal USR1 on to the app',
      'clockout: the app exited with 7',
    ]);
  });

  it('a stop signal before the app starts', async () => {
    const run = pod.wrapper({ port: await closedPort(), wait: 60 }, sh('echo ran'));
    await pod.started();
    run.signal('SIGTERM');
    expect(await sentences(run)).toContain('clockout: the stop signal TERM came first: not starting the app');
  });
});
