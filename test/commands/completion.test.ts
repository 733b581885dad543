/** What completes a command line, and the scripts in real shells, those that are on this machine. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../src/commands/program.ts';
import { job, namespace, podOf, startCluster } from '../explain/live/cluster.ts';

const directory = mkdtempSync(join(tmpdir(), 'clockout-'));
const config = join(directory, 'config');
let close: () => Promise<void>;

beforeAll(async () => {
  const objects = [namespace('shop'), namespace('shop-test'), job('report'), job('restore'), podOf('report')];
  const server = await startCluster({ objects, forbidden: ['list cronjobs'] });
  writeFileSync(config, server.config.exportConfig());
  close = server.close;
});
afterAll(async () => {
  await close();
  rmSync(directory, { recursive: true });
});

async function run(...words: string[]): Promise<string> {
  const out: string[] = [];
  const io = { stdin: Readable.from([]), stdout: (text: string) => void out.push(text), stderr: () => {} };
  expect(await main(['node', 'clockout', ...words], { KUBECONFIG: config }, io)).toBe(0);
  return out.join('');
}

/** The words, and the number at the end. */
async function complete(...words: string[]) {
  const lines = (await run('__complete', ...words)).trimEnd().split('\n');
  return { words: lines.slice(0, -1).map((line) => line.split('\t')[0]), end: lines.at(-1) };
}

describe('completion', () => {
  it.each<[words: string[], expected: string[], end: string]>([
    [['ex'], ['explain'], ':4'],
    [['--v'], ['--version'], ':4'],
    [['no-command', ''], [], ':4'],
    [['inject', '--out'], ['--output'], ':4'],
    [['explain', '-o', ''], ['text', 'json', 'yaml', 'github', 'junit'], ':4'],
    [['explain', '-o', 'j'], ['json', 'junit'], ':4'],
    [['explain', '--output=j'], ['json', 'junit'], ':4'],
    [['explain', '--output', '=', 'j'], ['json', 'junit'], ':4'],
    [['explain', '--output', '='], ['text', 'json', 'yaml', 'github', 'junit'], ':4'],
    [['explain', '-f', ''], [], ':0'],
    [['completion', 'z'], ['zsh'], ':4'],
    [['explain', ''], ['job/', 'cronjob/', 'pod/'], ':6'],
    [['explain', 'po'], ['pod/'], ':6'],
    [['end', '-n', 'shop', ''], ['report', 'restore', 'job/', 'pod/'], ':6'],
    [['end', '-n', 'shop', 'rep'], ['report'], ':4'],
    [['end', '-n', 'shop', 'cronjob/'], [], ':4'],
    [['explain', '-n', 'shop', 'job/re'], ['job/report', 'job/restore'], ':4'],
    [['explain', '--namespace=shop', 'pod/'], ['pod/report-x7k2p'], ':4'],
    [['explain', '-n', 'shop', 'jobs.batch/rest'], ['jobs.batch/restore'], ':4'],
    [['explain', '-n', 'other', 'job/'], [], ':4'],
    [['explain', '-n', 'shop', 'cronjob/'], [], ':4'],
    [['explain', 'deploy/'], [], ':4'],
    [['explain', '-n', 'shop-'], ['shop-test'], ':4'],
    [['explain', '--context', ''], ['loaded-context'], ':4'],
    [['explain', '--context', 'none', 'job/'], [], ':4'],
  ])('%j: %j', async (words, expected, end) => expect(await complete(...words)).toEqual({ words: expected, end }));

  it('offers all commands, with what each does', async () => {
    const lines = (await run('__complete', '')).split('\n');
    expect(lines).toContain('policy\tprint policies of Kubernetes that make sidecars native without a server');
  });
});

describe('the script', () => {
  const program = join(directory, 'clockout');
  const main = join(import.meta.dirname, '../../dist/clockout.mjs');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
  chmodSync(program, 0o755);

  const isThere = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0;
  const ask = (shell: string, script: string) => {
    const env = { ...process.env, PATH: `${directory}:${process.env.PATH}`, KUBECONFIG: config, HOME: directory };
    const { stdout, stderr } = spawnSync(shell, ['-c', script], { env, encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout.trimEnd().split('\n');
  };

  it.skipIf(!isThere('bash'))('completes in bash', () => {
    const completed = (...words: string[]) =>
      ask(
        'bash',
        `source <(clockout completion bash); COMP_WORDS=(clockout ${words.join(' ')}); COMP_CWORD=${words.length}; _clockout_complete; printf '%s\\n' "\${COMPREPLY[@]}"`,
      );
    expect(completed('expl')).toEqual(['explain']);
    expect(completed('explain', '-o', "''")).toEqual(['text', 'json', 'yaml', 'github', 'junit']);
    expect(completed('completion', "''")).toEqual(['bash', 'zsh', 'fish']);
  });

  // Its own completion system needs a terminal: what the script hands to it is looked at.
  it.skipIf(!isThere('zsh'))('completes in zsh', () => {
    const completed = (...words: string[]) =>
      ask(
        'zsh',
        `compdef() { :; }; _describe() { print -l -- "\${(@P)2}"; }; _files() { print files; }; source <(clockout completion zsh); words=(clockout ${words.join(' ')}); CURRENT=${words.length + 1}; _clockout_complete`,
      );
    expect(completed('polic')).toEqual([
      'policy:print policies of Kubernetes that make sidecars native without a server',
    ]);
    expect(completed('explain', '-o', "''")).toEqual(['text', 'json', 'yaml', 'github', 'junit']);
    expect(completed('explain', '-f', "''")).toEqual(['', 'files']);
  });

  it.skipIf(!isThere('fish'))('completes in fish', () => {
    const completed = (line: string) => ask('fish', `clockout completion fish | source; complete -C '${line}'`);
    expect(completed('clockout polic')).toEqual([
      'policy\tprint policies of Kubernetes that make sidecars native without a server',
    ]);
    expect(completed('clockout explain -o ').toSorted()).toEqual(['github', 'json', 'junit', 'text', 'yaml']);
  });
});
