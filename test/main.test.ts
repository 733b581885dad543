import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { main } from '../src/commands/program.ts';
import { nodeVersionProblem, oldestForNetwork } from '../src/node-version.ts';
import { version } from '../src/version.ts';

async function run(args: string[], { env = {}, stdin = '' } = {}) {
  let [stdout, stderr] = ['', ''];
  const io = {
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: (text: string) => {
      stdout += text;
    },
    stderr: (text: string) => {
      stderr += text;
    },
  };
  return { code: await main(['node', 'clockout', ...args], env, io), stdout, stderr };
}

describe('the command line', () => {
  it('prints its version', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it.each([['--help'], ['help']])('shows its commands for %s', async (flag) => {
    const { code, stdout, stderr } = await run([flag]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/serve [\s\S]*inject [\s\S]*explain [\s\S]*Examples:/);
  });

  it('shows for each setting of a command its flag, variable and default', async () => {
    const { stdout } = await run(['serve', '--help']);
    expect((await run(['help', 'serve'])).stdout).toBe(stdout);
    const text = stdout.replace(/\s+/g, ' ');
    expect(text).toContain('--listen-port <number> Port of the webhook');
    expect(text).toContain('CLOCKOUT_LISTEN_PORT; default 8443');
    const inject = (await run(['inject', '--help'])).stdout;
    expect(inject).toContain('--wrapper-image');
    expect(inject).not.toContain('--listen-port');
  });

  it.each([
    [[], 'Usage: clockout'],
    [['serv'], "unknown command 'serv'\n(Did you mean serve?)"],
    [['serve', '--listen-prt', '1'], "unknown option '--listen-prt'\n(Did you mean --listen-port?)"],
    [['serve', '--listen-port'], "option '--listen-port <number>' argument missing"],
    [['serve', 'now'], 'too many arguments'],
    [['inject'], "required option '-f, --filename <path...>' not specified"],
    [['inject', '-f', '-', '-o', 'xml'], "argument 'xml' is invalid. Allowed choices are yaml, json, diff, patch."],
    [['explain', '-f', '-', '--color', 'blue'], "argument 'blue' is invalid"],
    [['inject', '-f', '-', '--listen-port', '1'], "unknown option '--listen-port'"],
  ])('exits with code 2 and prints nothing to stdout for the wrong use %j', async (args, text) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(text);
  });

  it('reports every problem of the environment, with exit code 1', async () => {
    const env = { CLOCKOUT_LISTEN_PORT: 'x', CLOCKOUT_TYPO: '1' };
    const { code, stderr } = await run(['serve'], { env });
    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n')).toEqual([
      'clockout: Unknown setting CLOCKOUT_TYPO; "clockout serve --help" lists the settings of this command.',
      'clockout: CLOCKOUT_LISTEN_PORT is "x"; expected a port, 0 to 65535.',
    ]);
  });

  it.each([
    ['inject', '-f', '-'],
    ['explain', '-f', '-'],
    ['entrypoint', 'busybox:1'],
    ['doctor'],
    ['end', '--hanging', '--dry-run', '--defaults', '{}'],
  ])('names the command that runs, and the nearest setting, for an unknown one: %s', async (...args) => {
    const { code, stderr } = await run(args, { env: { CLOCKOUT_DEFAULT: '{}' } });
    expect([code, stderr]).toEqual([
      1,
      `clockout: Unknown setting CLOCKOUT_DEFAULT; did you mean CLOCKOUT_DEFAULTS? "clockout ${args[0]} --help" lists the settings of this command.\n`,
    ]);
  });

  it('reports every problem, with exit code 2 if a flag is one of them', async () => {
    const { code, stderr } = await run(['serve', '--drain-seconds=-1'], { env: { CLOCKOUT_LOG_LEVEL: 'loud' } });
    expect(code).toBe(2);
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
  });

  it('reports why a server cannot start, with exit code 1', async () => {
    const { code, stderr } = await run(['serve', '--tls-cert-file', '/no.crt', '--tls-key-file', '/no.key']);
    expect(code).toBe(1);
    expect(stderr).toContain('clockout: The certificate file /no.crt cannot be read (ENOENT).\n');
  });

  it.each(['inject', 'explain'])(
    '%s runs on a manifest of standard input, with the settings given',
    async (command) => {
      const stdin = JSON.stringify({
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'report' },
        spec: {
          template: {
            spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'app', command: ['/app'] }] },
          },
        },
      });
      const { code, stdout } = await run([command, '-f', '-', '-o', 'json', '--wrapper-image', 'mirror/busybox:1'], {
        stdin,
      });
      expect(code).toBe(0);
      expect(() => JSON.parse(stdout)).not.toThrow();
      if (command === 'inject') expect(stdout).toContain('mirror/busybox:1');
    },
  );
});

it.each(['inject', 'explain'])('%s takes the annotations that the operator allows', async (command) => {
  const stdin = JSON.stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'report' },
    spec: {
      template: {
        metadata: { annotations: { 'clockout.dev/quit': 'never' } },
        spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'app', command: ['/app'] }] },
      },
    },
  });
  const said = async (...flags: string[]) => {
    const { stdout, stderr } = await run([command, '-f', '-', ...flags], { stdin });
    return `${stdout}${stderr}`;
  };
  const sentence =
    "clockout.dev/quit is not allowed in this cluster; Clockout's operator allows only entrypoint, containers";
  const flat = async (...flags: string[]) => (await said(...flags)).replaceAll(/\s+/g, ' ');
  expect(await flat('--allowed-annotations', 'entrypoint,containers')).toContain(sentence);
  expect(await flat('--allowed-annotations', 'entrypoint,quit')).not.toContain('not allowed');
  expect(await flat()).not.toContain('not allowed');
});

describe('the process', () => {
  const source = join(import.meta.dirname, '../src/main.ts');

  it.each([
    ['22.19.0', true, true],
    ['24.0.0', true, true],
    ['100.0.0', true, true],
    ['22.18.9', true, false],
    ['20.0.0', true, false],
    ['19.9.0', false, false],
    ['8.17.0', false, false],
  ])('Node.js %s: reads manifests = %s, uses the network = %s', (node, reads, network) => {
    expect(nodeVersionProblem(node) === undefined).toBe(reads);
    expect(nodeVersionProblem(node, oldestForNetwork) === undefined).toBe(network);
  });

  it('needs the oldest Node.js that package.json names', () => {
    const [, major] = /^>=(\d+)$/.exec(manifest.engines.node) ?? [];
    expect(nodeVersionProblem(`${major}.0.0`)).toBeUndefined();
    expect(nodeVersionProblem(`${Number(major) - 1}.99.0`)).toMatch(/^Clockout needs Node\.js 20\.0 or newer/);
  });

  const needs = (what: string, needed: string, found: string) =>
    `${what} Node.js ${needed} or newer, and this is ${found}; see https://nodejs.org/en/download.`;
  const network = `clockout: ${needs('What uses the network needs', '22.19', '20.20.2')}`;

  it.each([
    ['18.20.0', ['--version'], needs('Clockout needs', '20.0', '18.20.0')],
    ['20.20.2', ['serve', '--listen-port', '1'], network],
    ['20.20.2', ['entrypoint', 'busybox'], network],
    ['20.20.2', ['inject', '--registry', '-f', source], network],
  ])(
    'says in a sentence that Node.js %s is too old for %j',
    (found, args, sentence) => {
      const pretend = `data:text/javascript,Object.defineProperty(process.versions, "node", { value: "${found}" })`;
      const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', pretend, source, ...args], {
        encoding: 'utf8',
      });
      expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: `${sentence}\n` });
    },
    20_000,
  );

  it('does not mind a reader that is gone', () => {
    const args = ['-c', '"$0" "$1" serve --help | true', process.execPath, source];
    const { status, stderr } = spawnSync('sh', args, { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  }, 20_000);

  it.runIf(existsSync('/dev/full'))(
    'says in a sentence that the disk is full',
    () => {
      const args = ['-c', '"$0" "$1" serve --help >/dev/full', process.execPath, source];
      const { status, stderr } = spawnSync('sh', args, { encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 1, stderr: 'clockout: cannot write the output (ENOSPC)\n' });
    },
    20_000,
  );
});
