/**
 * The whole Dockerfile, as users build it. Its base image cannot be pulled here, so one with the same Node.js and npm is stood
 * in for it, as a mirror would be.
 */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { run } from '../exec.ts';
import { buildahBuild, librariesOf, storeIn } from '../images.ts';
import { hashOf, root } from '../paths.ts';

const work = mkdtempSync(join(tmpdir(), 'clockout-dockerfile-'));
const env = storeIn(work);
const buildah = (...args: string[]) => run(['buildah', ...args], { env, timeoutSeconds: 600 });
const build = (file: string, name: string, context: string, ...flags: string[]) =>
  run([...buildahBuild, ...flags, '--file', file, '--tag', name, context], { env, timeoutSeconds: 600 });
afterAll(() => rmSync(work, { recursive: true }));

/** What an administrator's certificate is named by, where npm goes through a proxy that has its own. */
const certificates = process.env.NODE_EXTRA_CA_CERTS;

const base = `FROM scratch
COPY busybox /bin/sh
COPY lib /lib/
COPY lib /lib64/
COPY node npm /usr/local/bin/
COPY modules /usr/local/lib/node_modules/npm
COPY ca.crt /etc/ssl/certs/ca-certificates.crt
ENV PATH=/usr/local/bin:/bin NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
`;

async function standInForBase(name: string): Promise<void> {
  const context = join(work, 'base');
  const npm = realpathSync((await run(['sh', '-c', 'command -v npm'])).trim()); // …/npm/bin/npm-cli.js
  cpSync(join(npm, '..', '..'), join(context, 'modules'), { recursive: true, dereference: true });
  mkdirSync(join(context, 'lib'));
  const libraries = await librariesOf(process.execPath);
  for (const [file, source] of Object.entries(libraries)) copyFileSync(source, join(context, file));
  copyFileSync(process.execPath, join(context, 'node'));
  copyFileSync('/bin/busybox', join(context, 'busybox'));
  const script = '#!/bin/sh\nexec node /usr/local/lib/node_modules/npm/bin/npm-cli.js "$@"\n';
  writeFileSync(join(context, 'npm'), script, { mode: 0o755 });
  writeFileSync(join(context, 'ca.crt'), certificates && existsSync(certificates) ? readFileSync(certificates) : '');
  writeFileSync(join(work, 'base.Dockerfile'), base);
  await build(join(work, 'base.Dockerfile'), name, context);
}

it('makes the image that the tests install: the same bundle, to the byte, under another user than root', async () => {
  const dockerfile = join(root, 'Dockerfile');
  const mirror = 'localhost/node:stand-in';
  await standInForBase(mirror);
  const image = 'localhost/clockout:dockerfile';
  await build(dockerfile, image, root, '--build-arg', `BASE=${mirror}`);
  const container = (await buildah('from', '--pull-never', image)).trim();
  const made = join((await buildah('mount', container)).trim(), 'app');
  rmSync(join(made, 'LICENSE'));
  expect(hashOf({ files: [made] })).toBe(hashOf({ files: [join(root, 'dist')] }));
  const { OCIv1 } = JSON.parse(await buildah('inspect', '--type', 'image', image));
  expect(OCIv1.config).toMatchObject({
    User: '65532:65532',
    Entrypoint: ['node', '/app/clockout.mjs'],
    Cmd: ['serve'],
    ExposedPorts: { '8443/tcp': {}, '9090/tcp': {} },
  });
}, 300_000);
