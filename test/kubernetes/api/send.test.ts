/** What is said if a request does not get as far as the API server. */
import { KubeConfig } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { createApi } from '../../../src/kubernetes/api/api.ts';

async function ask(user: object): Promise<string> {
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'a', server: 'https://127.0.0.1:9', skipTLSVerify: false },
    { name: 'a', ...user },
  );
  const got = await createApi(config, { timeout: 30_000 }).getPath('/version');
  return got.ok ? 'ok' : got.problem.message;
}

describe('what the kubeconfig names and is not there', () => {
  it.each([
    ['a file', { certFile: '/not/there.crt', keyFile: '/not/there.key' }, /ENOENT.*\/not\/there\.crt/],
    [
      'a program',
      { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'no-such-login', interactiveMode: 'Never' } },
      /no-such-login ENOENT/,
    ],
  ])('%s has its name in the message', async (_, user, name) => {
    const message = await ask(user);
    expect(message).toMatch(/^the API server cannot be reached to get \/version at https:\/\/127\.0\.0\.1:9 \(/);
    expect(message).toMatch(name);
  });
});
