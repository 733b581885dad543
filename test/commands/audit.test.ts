/** The command as a user runs it: flags, what goes where, and exit codes. test/audit/ has what it finds. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { main } from '../../src/commands/program.ts';
import { startCluster } from '../audit/cluster.ts';
import { exited, istiod, istioWebhooks, job, live, namespace, node, running, withRequests } from '../audit/objects.ts';
import type { ApiServer } from '../kubernetes/api-server.ts';

const mesh = {
  namespaces: [namespace('shop', { 'istio-injection': 'enabled' }), namespace('plain')],
  mutatingwebhookconfigurations: [istioWebhooks()],
  nodes: [node('v1.32.4')],
  deployments: [istiod('1.26.4')],
  jobs: [job('shop', 'report'), job('plain', 'other')],
  pods: [live('shop', 'report', withRequests(), [exited('app', 3), running('istio-proxy')])],
};

let [server, broken]: ApiServer[] = [];
const folder = mkdtempSync(join(tmpdir(), 'clockout-'));

beforeAll(async () => {
  server = await startCluster(mesh);
  broken = await startCluster(mesh, { refuse: (resource) => (resource === 'pods' ? 500 : undefined) });
  writeFileSync(join(folder, 'config'), server.config.exportConfig());
  writeFileSync(join(folder, 'broken'), broken.config.exportConfig());
});
afterAll(async () => {
  await server?.close();
  await broken?.close();
  rmSync(folder, { recursive: true });
});

async function run(args: string, config = 'config') {
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    stdin: Readable.from([]),
    stdout: (text: string) => void out.push(text),
    stderr: (text: string) => void err.push(text),
  };
  const argv = ['node', 'clockout', 'audit', ...args.split(' ').filter(Boolean)];
  const kubeconfig = config === '' ? [] : ['--kubeconfig', join(folder, config)];
  const code = await main([...argv, ...kubeconfig], { KUBECONFIG: join(folder, 'none') }, io);
  return { code, stdout: out.join(''), stderr: err.join('') };
}

describe('clockout audit', () => {
  it('says what hangs', async () => {
    const { code, stdout, stderr } = await run('-A');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Clockout is needed for 1 of 2 Jobs and CronJobs \(job\/report in shop\)\.\n/);
    expect(stdout).toMatch(/^shop +job\/report +\S+ +3 +100m +128Mi +istio-proxy\b/m);
  });

  it('looks at several namespaces, and offers to end no more than it shows', async () => {
    const { code, stdout } = await run('-n shop,plain,shop -l !gone');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /for 1 of 2 Jobs and CronJobs in the namespaces shop, plain, with the labels !gone \(job\/report in shop\)/,
    );
    expect(stdout).toMatch(/end --kubeconfig \S+ --hanging -n shop,plain -l '!gone'\n/);
    expect(JSON.parse((await run('-n shop,plain -o json')).stdout)).toMatchObject({ namespace: 'shop,plain' });
    expect(await run('-n shop,shopp')).toMatchObject({
      code: 1,
      stderr: 'clockout: there is no namespace shopp; did you mean shop?\n',
    });
  });

  it('names the help of the command for a wrong option', async () =>
    expect((await run('--nope')).stderr).toContain('Try "clockout audit --help".'));

  it('looks again and again with --watch, until it is ended', async () => {
    const main = join(import.meta.dirname, '../../src/main.ts');
    const child = spawn(process.execPath, [main, 'audit', '-A', '-w', '1', '--kubeconfig', join(folder, 'config')]);
    let seen = '';
    for await (const chunk of child.stdout) {
      seen += chunk;
      if (seen.split('Clockout is needed for 1 of 2').length > 2) break;
    }
    child.kill();
    expect(seen).not.toContain('\u001b');
  });

  it.each(['--watch 0', '--watch x', '--watch --fail-on hangs'])('refuses %s', async (flags) =>
    expect(await run(flags)).toMatchObject({ code: 2, stdout: '' }),
  );

  it('takes values after = as kubectl does', async () => {
    const { stdout } = await run('-n=plain -o=json');
    expect(JSON.parse(stdout)).toMatchObject({ namespace: 'plain', rows: [{ name: 'other' }] });
  });

  it('looks at the namespace that it is told', async () => {
    const { stdout } = await run('-n plain -o json');
    expect(JSON.parse(stdout)).toMatchObject({ namespace: 'plain', rows: [{ name: 'other' }] });
    expect(server?.requests).toContain(
      'GET /api/v1/namespaces/plain/pods?limit=500&fieldSelector=spec.restartPolicy!=Always',
    );
  });

  it('has the same data as JSON and as YAML, and a page', async () => {
    const [json, yaml, html] = await Promise.all(['json', 'yaml', 'html'].map((form) => run(`-A -o ${form}`)));
    const { at: _, ...data } = JSON.parse(json?.stdout ?? '');
    expect(parse(yaml?.stdout ?? '')).toMatchObject(data);
    expect(html?.stdout).toMatch(/^<!doctype html>\n/);
  });

  it('shows a preview', async () => expect((await run('-A --mode cluster')).stdout).toContain('would hang -> wrapped'));

  it.each([
    ['-A --fail-on hangs', 3],
    ['-n plain --fail-on would-hang', 0],
    ['-A --fail-on everything', 2],
    ['-A -o xml', 2],
  ])('%s: exit code %i', async (args, code) => expect((await run(args)).code).toBe(code));

  it('marks a partial result, and fails', async () => {
    const { code, stdout, stderr } = await run('-A', 'broken');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^PARTIAL: /);
    expect(stdout).toContain('the API server did not list pods in all namespaces: status 500');
    expect(stderr).toBe('clockout: the result is partial, because not everything could be read\n');
  });

  it.each([
    ['without a kubeconfig', '', '', /^clockout: cannot read the kubeconfig .*none: .*\n$/],
    ['with a context that is not there', '--context tset', 'config', /^clockout: the kubeconfig has no context tset; /],
    [
      'with a namespace that is not there',
      '-n shopp',
      'config',
      /^clockout: there is no namespace shopp; did you mean shop\?\n$/,
    ],
  ])('says in one line what is wrong %s', async (_, args, config, expected) => {
    const { code, stdout, stderr } = await run(args, config);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(expected);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});
