/** `clockout doctor` and `clockout version` as commands: exit codes, and what they print where. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../../src/commands/program.ts';
import { type StandIn, startStandIn } from '../doctor/cluster.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clockout-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(server: string, args: string[], program = 'clockout') {
  const kubeconfig = join(folder, 'config');
  const text = {
    clusters: [{ name: 'a', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'a', user: { token: 't' } }],
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    'current-context': 'a',
  };
  writeFileSync(kubeconfig, JSON.stringify(text));
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    stdin: Readable.from([]),
    stdout: (text: string) => void out.push(text),
    stderr: (text: string) => void err.push(text),
  };
  const code = await main(['node', program, ...args, '--kubeconfig', kubeconfig], { NO_COLOR: '1' }, io);
  return { code, stdout: out.join(''), stderr: err.join('') };
}

/** With the image on the node, so that no registry is asked. */
async function runOn(change: (cluster: StandIn) => void, args: string[], program?: string) {
  const { server } = await startStandIn('default', (cluster) => {
    const [container] = cluster.find('Deployment').spec.template.spec.containers;
    const { value } = container.env.find(({ name }: { name: string }) => name === 'CLOCKOUT_WRAPPER_IMAGE');
    cluster.find('Node').status.images = [{ names: [`docker.io/library/${value.replace(/:[^@]*/, '')}`] }];
    // Nobody takes port-forwards here.
    for (const name of ['clockout-1', 'clockout-2']) cluster.remove('Pod', name);
    change(cluster);
  });
  try {
    return await run(`${server.config.getCurrentCluster()?.server}`, args, program);
  } finally {
    await server.close();
  }
}

describe('clockout doctor', () => {
  it('exits with 0 if nothing is wrong', async () => {
    const { code, stdout, stderr } = await runOn(() => {}, ['doctor']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Cluster\n✓ .*\nAll \d+ checks are fine\.\n$/s);
  });

  it('exits with 3 for a fault, and prints it as JSON', async () => {
    const off = (cluster: StandIn) => {
      cluster.find('MutatingWebhookConfiguration', 'zz-clockout').webhooks = [];
    };
    const { code, stdout } = await runOn(off, ['doctor', '-o', 'json']);
    expect(code).toBe(3);
    expect(JSON.parse(stdout).checks).toContainEqual(expect.objectContaining({ check: 'turned-on', state: 'fault' }));
  });

  it('exits with 1 if something could not be checked', async () => {
    const forbid = (cluster: StandIn) => {
      cluster.forbids = (path) => path === '/api/v1/nodes';
      cluster.remove('Service');
      cluster.remove('MutatingWebhookConfiguration', 'zz-clockout');
    };
    const { code, stdout } = await runOn(forbid, ['doctor', '--pre', '--request-timeout', '1']);
    expect(code).toBe(1);
    expect(stdout).toContain('? cannot check the versions of the nodes: you may not list nodes');
    expect(stdout).toContain('run it as a user who has the rights');
  });

  it('exits with 1 and one line if there is no cluster', async () => {
    const { code, stdout, stderr } = await run('http://127.0.0.1:9', ['doctor']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^clockout: the API server cannot be reached to get \/version at .*\)\n$/);
  });

  it.each(['clockout', 'kubectl-clockout'])('called as %s, it advises so', async (program) => {
    const none = (cluster: StandIn) => {
      cluster.remove('MutatingWebhookConfiguration', 'zz-clockout');
      cluster.remove('Service');
    };
    const named = program.replace('-', ' ');
    const after = await runOn(none, ['doctor'], program);
    expect(after.stdout).toMatch(new RegExp(`run "${named} doctor --kubeconfig \\S+ --pre"`));
    const before = await runOn(() => {}, ['doctor', '--pre'], program);
    expect(before.stdout.replace(/\s+/g, ' ')).toMatch(
      new RegExp(`run "${named} doctor --kubeconfig \\S+" without --pre`),
    );
  });

  it('refuses an image for an install without --pre', async () => {
    const { code, stderr } = await run('http://127.0.0.1:9', ['doctor', '--wrapper-image', 'busybox:1']);
    expect(code).toBe(2);
    expect(stderr).toContain('expected --pre with --wrapper-image');
  });

  it('exits with 2 for a wrong duration', async () => {
    expect(await run('http://127.0.0.1:9', ['doctor', '--wait', 'soon'])).toMatchObject({ code: 2 });
  });
});

describe('clockout version', () => {
  it('prints the chart, and the version of this program', async () => {
    const { code, stdout } = await runOn(() => {}, ['version', '-o', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      client: { version: '0.1.0' },
      chart: { chart: 'clockout-0.1.0', appVersion: '0.1.0', namespace: 'mesh-jobs' },
      server: [],
    });
  });

  it('prints all installations', async () => {
    const addOther = (cluster: StandIn) => {
      const other = structuredClone(cluster.find('Deployment'));
      other.metadata.namespace = 'other-jobs';
      cluster.objects.push(other);
    };
    const { stdout } = await runOn(addOther, ['version']);
    expect(stdout.match(/release \S+(?=\/)/g)).toEqual(['release mesh-jobs', 'release other-jobs']);
    const { others } = JSON.parse((await runOn(addOther, ['version', '-o', 'json'])).stdout);
    expect(others).toMatchObject([{ chart: { namespace: 'other-jobs' }, server: [] }]);
  });

  it('exits with 1 if the replicas cannot be read, and says why', async () => {
    const forbid = (cluster: StandIn) => {
      cluster.forbids = (path) => path.endsWith('/pods');
    };
    const { code, stdout } = await runOn(forbid, ['version']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^server {2}unknown: you may not list pods .*\(all pods\)$/m);
  });

  it('says that no replica runs', async () =>
    expect((await runOn(() => {}, ['version'])).stdout).toMatch(/^server {2}no replica runs$/m));

  it('says that none is installed', async () => {
    const { code, stdout } = await runOn(({ remove }) => remove('Deployment'), ['version']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('chart   not installed') });
  });

  it('prints its own version and exits with 1 if there is no cluster; with --client it asks none', async () => {
    const failed = await run('http://127.0.0.1:9', ['version']);
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringMatching(/^client {2}0\.1\.0/) });
    expect(await run('http://127.0.0.1:9', ['version', '--client'])).toMatchObject({ code: 0, stderr: '' });
  });
});
