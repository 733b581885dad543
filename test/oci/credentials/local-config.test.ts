import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askHelper } from '../../../src/oci/credentials/docker-helper.ts';
import { createLocalKeychain } from '../../../src/oci/credentials/local-config.ts';
import { parseReference } from '../../../src/oci/reference.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'clockout-'));
});
afterEach(() => rm(home, { recursive: true }));

const base64 = (text: string) => Buffer.from(text).toString('base64');
const basic = (username: string, password: string) => ({ kind: 'basic', username, password });

async function write(path: string, content: unknown) {
  await mkdir(join(home, path, '..'), { recursive: true });
  await writeFile(join(home, path), typeof content === 'string' ? content : JSON.stringify(content));
}

/** A program that notes what it is asked, one line each time, and then runs a script of a shell. */
async function helper(name: string, script: string) {
  const path = join('bin', `docker-credential-${name}`);
  const note = `server=$(cat); echo "$1 $server" >> '${home}/asked'`;
  await write(path, `#!/bin/sh\n${note}\n${script}\n`);
  await chmod(join(home, path), 0o700);
}

const knows = (username: string, secret: string) =>
  `echo '${JSON.stringify({ ServerURL: 'x', Username: username, Secret: secret })}'`;
const knowsNothing = `echo 'credentials not found in native keychain'; exit 1`;

const asked = async () => (await readFile(join(home, 'asked'), 'utf8')).trim().split('\n');

const environment = () => ({ PATH: `${join(home, 'bin')}:${process.env.PATH}` });

const keychain = (env: Record<string, string> = {}) =>
  createLocalKeychain({ env: { ...environment(), ...env }, home, readFile: (path) => readFile(path, 'utf8') });

async function find(image: string, chain = keychain()) {
  const parsed = parseReference(image);
  if (!parsed.ok) throw new Error(parsed.problem);
  return chain(parsed.value);
}

describe('config files', () => {
  const auths = (username: string) => ({ auths: { 'ghcr.io': { auth: base64(`${username}:pw`) } } });

  it("are docker's in the home folder", async () => {
    await write('.docker/config.json', auths('me'));
    expect(await find('ghcr.io/app')).toEqual({ credentials: [basic('me', 'pw')], problems: [] });
    expect(await find('busybox')).toEqual({ credentials: [], problems: [] });
  });

  it('are where DOCKER_CONFIG says, and nowhere else then', async () => {
    await write('.docker/config.json', auths('me'));
    await write('elsewhere/config.json', auths('other'));
    const found = await find('ghcr.io/app', keychain({ DOCKER_CONFIG: join(home, 'elsewhere') }));
    expect(found).toEqual({ credentials: [basic('other', 'pw')], problems: [] });
  });

  it("are podman's as well, after docker's", async () => {
    await write('.docker/config.json', auths('docker'));
    await write('run/containers/auth.json', auths('podman'));
    const found = await find('ghcr.io/app', keychain({ XDG_RUNTIME_DIR: join(home, 'run') }));
    expect(found).toEqual({ credentials: [basic('docker', 'pw'), basic('podman', 'pw')], problems: [] });
  });

  it('are read once', async () => {
    await write('.docker/config.json', auths('me'));
    const chain = keychain();
    expect((await find('ghcr.io/app', chain)).credentials).toEqual([basic('me', 'pw')]);
    await write('.docker/config.json', auths('other'));
    expect((await find('ghcr.io/app', chain)).credentials).toEqual([basic('me', 'pw')]);
  });

  it('need not be there', async () => expect(await find('ghcr.io/app')).toEqual({ credentials: [], problems: [] }));

  it.each([
    ['no JSON', '{"auths": {"ghcr.io": {"auth": "hunter2'],
    ['no auths', '{"auths": ["hunter2"]}'],
  ])('that are malformed are a problem: %s', async (_, content) => {
    await write('.docker/config.json', content);
    expect(await find('ghcr.io/app')).toEqual({
      credentials: [],
      problems: [`the file ${home}/.docker/config.json is malformed; correct it, or log in again`],
    });
  });

  it('that cannot be read are a problem', async () => {
    await mkdir(join(home, '.docker/config.json'), { recursive: true });
    expect(await find('ghcr.io/app')).toEqual({
      credentials: [],
      problems: [`the file ${home}/.docker/config.json cannot be read (EISDIR); make it readable`],
    });
  });
});

describe('a credential helper', () => {
  it('is asked for a registry by its host and port', async () => {
    await helper('box', knows('me', 's3:cret'));
    await write('.docker/config.json', { credHelpers: { 'reg.io:5000': 'box' } });
    expect(await find('reg.io:5000/app')).toEqual({ credentials: [basic('me', 's3:cret')], problems: [] });
    expect(await asked()).toEqual(['get reg.io:5000']);
  });

  it('is asked for its own registries only', async () => {
    await helper('box', knows('me', 'pw'));
    await write('.docker/config.json', { credHelpers: { 'reg.io': 'box' } });
    expect(await find('ghcr.io/app')).toEqual({ credentials: [], problems: [] });
  });

  it('is asked for Docker Hub as docker asks it', async () => {
    await helper('box', knows('me', 'pw'));
    await write('.docker/config.json', { credsStore: 'box' });
    expect(await find('busybox')).toEqual({ credentials: [basic('me', 'pw')], problems: [] });
    expect(await asked()).toEqual(['get https://index.docker.io/v1/']);
  });

  it.each(['https://index.docker.io/v1/', 'index.docker.io', 'docker.io'])(
    'is asked for Docker Hub as the file names it: %s',
    async (address) => {
      await helper('box', knows('me', 'pw'));
      await write('.docker/config.json', { credHelpers: { [address]: 'box' } });
      expect((await find('busybox')).credentials).toEqual([basic('me', 'pw')]);
      expect(await asked()).toEqual([`get ${address}`]);
    },
  );

  it("of a registry goes before the user's store", async () => {
    await helper('box', knows('box', 'pw'));
    await helper('store', knows('store', 'pw'));
    await write('.docker/config.json', { credHelpers: { 'reg.io': 'box' }, credsStore: 'store' });
    expect((await find('reg.io/app')).credentials).toEqual([basic('box', 'pw')]);
    expect((await find('ghcr.io/app')).credentials).toEqual([basic('store', 'pw')]);
  });

  it('is asked once for a registry', async () => {
    await helper('box', knows('me', 'pw'));
    await write('.docker/config.json', { credsStore: 'box' });
    const chain = keychain();
    await Promise.all([find('reg.io/a', chain), find('reg.io/b', chain)]);
    await find('reg.io/c', chain);
    expect(await asked()).toEqual(['get reg.io']);
  });

  it('goes before what is in the file', async () => {
    await helper('box', knows('box', 'pw'));
    await write('.docker/config.json', { credsStore: 'box', auths: { 'reg.io': { auth: base64('me:pw') } } });
    expect((await find('reg.io/app')).credentials).toEqual([basic('box', 'pw'), basic('me', 'pw')]);
  });

  it('that says <token> has an identity token', async () => {
    await helper('box', knows('<token>', 'ey.x'));
    await write('.docker/config.json', { credsStore: 'box' });
    expect((await find('reg.io/app')).credentials).toEqual([{ kind: 'identity-token', token: 'ey.x' }]);
  });

  it.each([
    ['says so', knowsNothing],
    ['has no user', knows('', '')],
  ])('that knows nothing leaves what is in the file: it %s', async (_, script) => {
    await helper('box', script);
    await write('.docker/config.json', { credsStore: 'box', auths: { 'reg.io': { auth: base64('me:pw') } } });
    expect(await find('reg.io/app')).toEqual({ credentials: [basic('me', 'pw')], problems: [] });
  });

  it('that fails is a problem, and leaves what is in the file', async () => {
    await helper('box', 'echo hunter2; echo hunter2 >&2; exit 7');
    await write('.docker/config.json', { credsStore: 'box', auths: { 'reg.io': { auth: base64('me:pw') } } });
    expect(await find('reg.io/app')).toEqual({
      credentials: [basic('me', 'pw')],
      problems: [
        'docker-credential-box gave no credential for reg.io (failed with 7); see what `echo reg.io | docker-credential-box get` says',
      ],
    });
  });
});

describe('what can go wrong with a helper', () => {
  const ask = (name: string, timeout = 10_000, address = 'reg.io') =>
    askHelper({ helper: name, address, env: environment(), timeout });
  const says = 'see what `echo reg.io | docker-credential-box get` says';

  it.each<[string, string, string]>([
    ['no JSON', 'echo hunter2', 'no JSON'],
    ['another object', `echo '{"Secret": "hunter2"}'`, 'no JSON'],
    ['a number as secret', `echo '{"Username": "me", "Secret": 1}'`, 'no JSON'],
    ['killed', 'kill -9 $$', 'failed with SIGKILL'],
    ['too much', `head -c 3000000 /dev/zero`, 'failed with ERR_CHILD_PROCESS_STDIO_MAXBUFFER'],
    ['credentials and a failure', `${knows('me', 'hunter2')}; exit 1`, 'failed with 1'],
  ])('%s', async (_, script, reason) => {
    await helper('box', script);
    expect(await ask('box')).toEqual({
      ok: false,
      problem: `docker-credential-box gave no credential for reg.io (${reason}); ${says}`,
    });
  });

  it('it is not there', async () =>
    expect(await ask('nowhere')).toEqual({
      ok: false,
      problem: "docker's config names docker-credential-nowhere for reg.io, and it is not in PATH; install it",
    }));

  it('it does not end, nor does what it has started', async () => {
    await helper('box', 'sleep 60 & sleep 60');
    expect(await ask('box', 300)).toEqual({
      ok: false,
      problem: `docker-credential-box gave no credential for reg.io (not ended in time); ${says}`,
    });
  });

  it('it does not read what it is asked', async () => {
    await write('bin/docker-credential-box', `#!/bin/sh\nexec 0<&-\n${knows('me', 'pw')}\n`);
    await chmod(join(home, 'bin/docker-credential-box'), 0o700);
    const more = 'x'.repeat(1_000_000); // than a pipe holds
    expect(await ask('box', 10_000, more)).toEqual({ ok: true, value: basic('me', 'pw') });
  });

  it.each(['../bin/x', 'a b', 'a;touch hacked', '$(touch hacked)', ''])('its name is no name: %j', async (name) =>
    expect(await ask(name)).toEqual({
      ok: false,
      problem: "a credential helper's name for reg.io is malformed; correct it in docker's config",
    }),
  );
});
