/** The command line as one file, as a user copies it: alone in an empty folder. `npm test` builds it first. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { version } from '../../src/version.ts';

const built = join(import.meta.dirname, '../../dist/clockout-cli.mjs');
const folder = mkdtempSync(join(tmpdir(), 'clockout-one-file-'));
const job = `apiVersion: batch/v1
kind: Job
metadata: {name: j, namespace: jobs}
spec:
  template:
    spec: {restartPolicy: Never, containers: [{name: app, image: i, command: [/app]}]}
`;

/** This one, and older ones on this machine: the file has to run with all from 20 on. */
const nodes = [process.execPath, ...(process.env.PATH ?? '').split(delimiter).map((path) => join(path, 'node'))]
  .filter((path) => existsSync(path))
  .map((path) => realpathSync(path));
const versions = new Map(nodes.map((path) => [execFileSync(path, ['--version'], { encoding: 'utf8' }).trim(), path]));
const fitting = [...versions].filter(([version]) => Number(/^v(\d+)/.exec(version)?.[1]) >= 20);

beforeAll(() => {
  if (!existsSync(built)) throw new Error(`expected ${built}; run "npm run build" first`);
  copyFileSync(built, join(folder, 'clockout.mjs'));
  writeFileSync(join(folder, 'job.yaml'), job);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(fitting)('with Node.js %s', { timeout: 60_000 }, (_, node) => {
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(node, ['clockout.mjs', ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: {},
    });
    return { status, stdout, stderr };
  };

  it('prints its version and its help', () => {
    expect(run('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
    expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('uninject'), stderr: '' });
  });

  it('injects, explains and uninjects', () => {
    const { status, stdout, stderr } = run('inject', '-f', 'job.yaml');
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(/^job\.yaml: Job jobs\/j: wrapped app/),
    });
    writeFileSync(join(folder, 'wrapped.yaml'), stdout);
    expect(run('uninject', '-f', 'wrapped.yaml')).toMatchObject({ status: 0, stdout: job });
    expect(run('explain', '-f', 'job.yaml', '--color', 'always')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('wrapped'),
      stderr: '',
    });
  });

  it('says where the server is, or that Node.js is too old for it', () => {
    const { status, stderr } = run('serve', '--listen-port', '1');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^clockout: (this file has no server; run the image|What uses the network needs)/);
  });

  it('shows the options of a command for clusters, or why it cannot', () => {
    const { status, stdout } = run('audit', '--help');
    expect(status).toBe(0);
    expect(stdout).toMatch(/--fail-on|not shown here: What uses the network needs Node\.js 22\.19/);
  });
});

it('has the licences of what is in it', () => {
  const { stdout } = spawnSync('tail', ['-c', '100000', built], { encoding: 'utf8' });
  expect(stdout).toMatch(/={80}\ndiff \d/);
  expect(readdirSync(folder)).not.toContain('node_modules');
});
