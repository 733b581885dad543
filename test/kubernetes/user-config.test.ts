import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openUserConfig } from '../../src/kubernetes/user-config.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clockout-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const configOf = (name: string, more = '') => `
clusters: [{name: ${name}, cluster: {server: "https://${name}.test:6443"}}]
users: [{name: ${name}, user: {token: t}}]
contexts: [{name: ${name}, context: {cluster: ${name}, user: ${name}, namespace: ${name}-jobs}}]
${more}`;

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('openUserConfig', () => {
  it('takes the current context, and its namespace', () => {
    const kubeconfig = write('a', configOf('staging', 'current-context: staging'));
    const opened = openUserConfig({ kubeconfig }, {});
    expect(opened).toMatchObject({ ok: true, value: { context: 'staging', namespace: 'staging-jobs' } });
  });

  it('merges the files of KUBECONFIG, of which the first counts', () => {
    const files = [
      write('a', configOf('staging')),
      join(folder, 'not-there'),
      write('b', configOf('production', 'current-context: production')),
      write('c', configOf('staging', 'current-context: staging')),
    ];
    const opened = openUserConfig({}, { KUBECONFIG: files.join(':') });
    expect(opened).toMatchObject({ ok: true, value: { context: 'production' } });
    expect(openUserConfig({ context: 'staging' }, { KUBECONFIG: files.join(':') })).toMatchObject({ ok: true });
  });

  it('acts as another user', () => {
    const kubeconfig = write('a', configOf('staging', 'current-context: staging'));
    const opened = openUserConfig({ kubeconfig, as: 'jane' }, {});
    expect(opened.ok && opened.value.config.getCurrentUser()?.impersonateUser).toBe('jane');
  });

  it.each<[title: string, text: string, flags: { context?: string }, problem: string]>([
    [
      'a wrong context',
      configOf('staging'),
      { context: 'stagin' },
      'the kubeconfig has no context stagin; did you mean staging?',
    ],
    [
      'another context',
      configOf('staging'),
      { context: 'other' },
      'the kubeconfig has no context other; it has staging',
    ],
    [
      'no current context',
      configOf('staging'),
      {},
      'no cluster: the kubeconfig has no current context; name one with --context NAME',
    ],
    [
      'a context without its cluster',
      'contexts: [{name: a, context: {cluster: b, user: c}}]\ncurrent-context: a',
      {},
      'the context a names the cluster b, which its kubeconfig does not have',
    ],
    ['an empty configuration', '{}', { context: 'a' }, 'the kubeconfig has no context a; it has none at all'],
  ])('says what is wrong: %s', (_, text, flags, problem) => {
    const kubeconfig = write('a', text);
    expect(openUserConfig({ kubeconfig, ...flags }, {})).toEqual({ ok: false, problem });
  });

  it.each(['{', '[1]', 'a: [', 'clusters: 5', 'contexts: [{}]'])('does not throw for a file with %s', (text) =>
    expect(openUserConfig({ kubeconfig: write('a', text) }, {})).toMatchObject({
      ok: false,
      problem: expect.any(String),
    }),
  );

  it('names a file that is not there', () =>
    expect(openUserConfig({ kubeconfig: join(folder, 'gone') }, {})).toMatchObject({
      problem: expect.stringMatching(/^cannot read the kubeconfig .*gone: no such file$/),
    }));
});
