import { describe, expect, it } from 'vitest';
import { admitPod } from '../../src/admission/admit.ts';
import type { Container, Pod } from '../../src/pod/schema.ts';
import { app, classicPod, frozen, jobPod, settings } from '../support/pods.ts';

const admit = (pod: Pod) => admitPod(frozen(pod), { from: 'server' }, settings);
const warnings = async (pod: Pod) => (await admit(pod)).warnings;

describe('entrypoints', () => {
  it('that turn out to need process 1 make Clockout skip the pod', async () => {
    const annotations = { 'clockout.dev/entrypoint': '["/init"]' };
    const pod = classicPod({ annotations, spec: { containers: [app({ command: null })] } });
    expect(await admit(pod)).toMatchObject({ kind: 'skipped', reason: 'needs-pid-1' });
    const own = { ...annotations, 'clockout.dev/needs-pid-1': 'false' };
    const overruled = classicPod({ annotations: own, spec: { containers: [app({ command: null })] } });
    expect(await admit(overruled)).toMatchObject({ kind: 'patched' });
  });

  it('are asked for all containers at once, and all that are unknown are named', async () => {
    const containers = [app({ command: null }), app({ name: 'more', command: [] }), app({ name: 'known' })];
    expect(await warnings(classicPod({ spec: { containers } }))).toEqual([
      expect.stringContaining('container app: its entrypoint is unknown'),
      expect.stringContaining('container more: its entrypoint is unknown'),
    ]);
  });

  it.each(['constructor', 'toString', 'hasOwnProperty'])(
    'are not mistaken for what objects have: container %s',
    async (name) => {
      const containers = [app({ name, command: null }), app({ name: 'more', command: null })];
      const annotations = { 'clockout.dev/entrypoint': '{"more":["/x"]}', 'clockout.dev/status': '{}' };
      expect(await admit(classicPod({ annotations, spec: { containers } }))).toMatchObject({ reason: 'no-entrypoint' });
    },
  );

  it('of a wrapper without args are unknown', async () => {
    const command = ['/clockout/busybox', 'sh', '/clockout/run', 'name=app', '--'];
    const outcome = await admit(classicPod({ spec: { containers: [app({ command, args: null })] } }));
    expect(outcome).toMatchObject({ kind: 'patched', plan: { containers: [{ entrypoint: { argv: command } }] } });
  });

  it('are only believed from a status that could be ours', async () => {
    const wrapped = app({ command: ['/clockout/busybox', 'sh', '/clockout/run', '--'], args: ['/app'] });
    const status = { version: '1', sidecar: 'injected', containers: { app: { entrypoint: 'evil', image: {} } } };
    const annotations = { 'clockout.dev/status': JSON.stringify(status) };
    expect(await admit(classicPod({ annotations, spec: { containers: [wrapped] } }))).toMatchObject({
      plan: { containers: [{ entrypoint: { source: 'pod' } }] },
    });
  });

  it('of the annotation lose to a command, with a word about it', async () => {
    const annotations = { 'clockout.dev/entrypoint': '["/other"]' };
    expect(await warnings(classicPod({ annotations }))).toEqual([
      'container app: clockout.dev/entrypoint has no effect, because the container has a command',
    ]);
  });
});

describe('a stop signal', () => {
  const stopped = (stopSignal: string) => classicPod({ spec: { containers: [app({ lifecycle: { stopSignal } })] } });

  it('that the wrapper cannot pass on is warned of where the pod names it', async () => {
    expect(await warnings(stopped('SIGRTMIN+3'))).toEqual([]);
    expect(await warnings(stopped('SIGPIPE'))).toEqual([
      'container app: its lifecycle.stopSignal is SIGPIPE, which the wrapper cannot pass on, so the app runs until its grace period ends; set lifecycle.stopSignal to SIGTERM, for example',
    ]);
  });

  it('that it cannot pass on is warned of where the image names it, and the pod no other', async () => {
    const of = async (container: Partial<Container>) => {
      const pod = classicPod({ spec: { containers: [app({ image: 'a', command: null, ...container })] } });
      const found = { found: true, digest: 'sha256:1', entrypoint: ['/app'], cmd: [], stopSignal: '13' } as const;
      return (await admitPod(frozen(pod), { from: 'server' }, settings, async () => found)).warnings;
    };
    expect(await of({})).toEqual([expect.stringMatching(/^container app: the STOPSIGNAL of its image is 13, /)]);
    expect(await of({ lifecycle: { stopSignal: 'SIGUSR1' } })).toEqual([]);
  });

  it.each([
    [undefined, 'TERM'],
    ['SIGQUIT', 'QUIT'],
    ['SIGRTMIN+3', '37'],
    ['SIGKILL', 'TERM'],
    ['SIGPIPE', 'TERM'],
  ])('%s is what the wrapper takes for one as %s', async (stopSignal, stop) => {
    const outcome = await admitPod(
      frozen(stopSignal ? stopped(stopSignal) : classicPod()),
      { from: 'server' },
      settings,
    );
    expect(outcome.kind === 'patched' && outcome.patched.spec.containers[0]?.command).toContain(`stop=${stop}`);
  });
});

describe('a sidecar whose name and image are those of two programs', () => {
  const beside = (name: string, image: string) => classicPod({ spec: { containers: [app(), { name, image }] } });

  it('is warned of, with both', async () => {
    expect(await warnings(beside('vault-agent', 'mirror/fluent-bit:3'))).toEqual([
      'container vault-agent has the name of Vault Agent and the image of Fluent Bit; Clockout ends it as Fluent Bit; rename it',
    ]);
  });

  it.each([
    ['vault-agent', 'hashicorp/vault:1.20'],
    ['cloud-sql-proxy', 'mirror/gce-proxy:1.33'],
    ['logs', 'mirror/fluent-bit:3'],
  ])('is not %s with %s', async (name, image) => expect(await warnings(beside(name, image))).toEqual([]));
});

describe('images that would have to be looked up', () => {
  const images = (count: number) =>
    Array.from({ length: count }, (_, i) => app({ name: `app-${i}`, image: `app-${i}:1`, command: null }));
  const ask = async (containers: Container[], annotations = {}) => {
    const asked: string[] = [];
    const outcome = await admitPod(
      frozen(classicPod({ annotations, spec: { containers } })),
      { from: 'server' },
      settings,
      async (image) => {
        asked.push(image);
        return { found: true, digest: 'sha256:0', entrypoint: ['/app'], cmd: [] };
      },
    );
    return { outcome, asked };
  };

  it('are 16 at most', async () => {
    const { outcome, asked } = await ask(images(16));
    expect([outcome.kind, asked.length]).toEqual(['patched', 16]);
  });

  it('or the pod is skipped with one warning, and no registry is asked', async () => {
    const { outcome, asked } = await ask(images(40));
    expect(outcome).toEqual({
      kind: 'skipped',
      reason: 'no-entrypoint',
      warnings: [
        'expected at most 16 different images to look up for one pod; found 40; set commands in the manifest, or annotate the pod with clockout.dev/entrypoint',
      ],
    });
    expect(asked).toEqual([]);
  });

  it('do not count twice, nor where the manifest or the annotation has the command', async () => {
    const same = images(40).map((container) => ({ ...container, image: 'app:1' }));
    expect((await ask(same)).outcome.kind).toBe('patched');
    const commands = images(40).map((container, i) => (i < 24 ? { ...container, command: ['/app'] } : container));
    expect((await ask(commands)).outcome.kind).toBe('patched');
    const entrypoints = Object.fromEntries(images(24).map(({ name }) => [name, ['/app']]));
    const annotations = { 'clockout.dev/entrypoint': JSON.stringify(entrypoints) };
    expect((await ask(images(40), annotations)).outcome.kind).toBe('patched');
  });
});

describe('warnings', () => {
  it('none for an ordinary pod', async () => expect(await warnings(classicPod())).toEqual([]));

  it('none for a status port of 0 that the guard makes up for', async () =>
    expect(await warnings(classicPod({ annotations: { 'status.sidecar.istio.io/port': '0' } }))).toEqual([]));

  it('for one that nothing makes up for', async () => {
    const annotations = { 'status.sidecar.istio.io/port': '0', 'clockout.dev/guard': 'false' };
    expect(await warnings(classicPod({ annotations }))).toEqual([
      expect.stringContaining('no port for quit requests, so nothing ends it'),
    ]);
  });

  it('for a sidecar that the pod asks for and does not have', async () =>
    expect(await warnings(jobPod({ labels: { 'istio.io/rev': 'x' } }))).toEqual([
      expect.stringContaining('does not have it yet'),
    ]));

  it.each([
    ['an excluded container', { 'clockout.dev/exclude-containers': 'mine' }, [app(), app({ name: 'mine' })]],
    ['one that is not named', { 'clockout.dev/containers': 'app' }, [app(), app({ name: 'mine' })]],
  ])('for %s that keeps the pod running', async (_, annotations, containers) => {
    const pod = classicPod({ annotations, spec: { containers } });
    expect(await warnings(pod)).toEqual([expect.stringMatching(/^Clockout neither waits for nor ends mine: /)]);
    const urls = { ...annotations, 'clockout.dev/quit-urls': 'http://localhost:1/quit' };
    expect(await warnings(classicPod({ annotations: urls, spec: { containers } }))).toEqual([]);
  });
});

describe('other sidecars', () => {
  const pod = (sidecar: Container) => classicPod({ spec: { containers: [app(), sidecar] } });
  it('that can be ended are not a reason for a warning', async () =>
    expect(await warnings(pod({ name: 'vault-agent' }))).toEqual([]));
  it('that cannot are one, with advice', async () =>
    expect(await warnings(pod({ name: 'cloud-sql-proxy' }))).toEqual([
      'container cloud-sql-proxy keeps the pod running, because nothing can end it: give it the argument --quitquitquit; you can also name its URL in clockout.dev/quit-urls',
    ]));
  it('beside which no guard can run are one', async () => {
    const lifecycle = { postStart: { httpGet: {} } } as object;
    expect(await warnings(pod({ name: 'vault-agent', lifecycle }))).toEqual([
      'container vault-agent has a postStart hook without a command, so no guard can run there: if an app is killed, this sidecar keeps running',
      'container vault-agent has no guard and no port for quit requests, so nothing ends it',
    ]);
  });
});

describe('a manifest', () => {
  it('may leave the values of labels and annotations out', async () => {
    const pod = classicPod() as { metadata: { labels: object; annotations: object } } & Pod;
    const metadata = {
      ...pod.metadata,
      labels: { ...pod.metadata.labels, note: null, 'clockout.dev/inject': null },
      annotations: {
        ...pod.metadata.annotations,
        note: null,
        'proxy.istio.io/config': null,
        'clockout.dev/status': null,
      },
    };
    expect((await admit({ ...pod, metadata })).kind).toBe('patched');
  });
});
