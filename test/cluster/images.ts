/** The images: built with buildah, kept as archives in the cache, and imported into each new cluster. */
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { binaries, istioModule, once } from './binaries.ts';
import { run } from './exec.ts';
import { cache, hashOf, inState, root } from './paths.ts';

export const pauseImage = 'localhost/pause:1';
/** What the webhook's init container runs: Debian's static busybox at /bin/busybox, as in the official image. */
export const busyboxImage = 'localhost/busybox:1';
/** The test app as entrypoint, with an argument as CMD. */
export const appImage = 'localhost/app:1';
/** The name in the example's manifests. */
export const exampleImage = 'registry.example.com/reports/myapp:1.0.0';
/** Istio's hub and tag, as its chart puts them together. */
export const istioImages = { hub: 'localhost/istio', tag: 'dev' };

type Image = { name: string; dockerfile: string; files: Record<string, string>; folders?: string[] };

const scratch = (...lines: string[]): string => ['FROM scratch', ...lines, ''].join('\n');

async function allImages(): Promise<Image[]> {
  const bootstrap = join(await istioModule(), 'tools/packaging/common/envoy_bootstrap.json');
  return [
    {
      name: pauseImage,
      dockerfile: scratch('COPY catatonit /catatonit', 'ENTRYPOINT ["/catatonit", "-P"]'),
      files: { catatonit: '/usr/bin/catatonit' },
    },
    {
      name: busyboxImage,
      dockerfile: scratch('COPY busybox /bin/busybox', 'COPY busybox /bin/sh', 'CMD ["/bin/sh"]'),
      files: { busybox: '/bin/busybox' },
    },
    {
      name: appImage,
      dockerfile: scratch('COPY app /app', 'USER 65532', 'ENTRYPOINT ["/app"]', 'CMD ["from-image"]'),
      files: { app: binaries.app },
    },
    {
      name: exampleImage,
      dockerfile: join(root, 'examples', 'Dockerfile'),
      files: { myapp: binaries.myapp },
    },
    {
      name: `${istioImages.hub}/proxyv2:${istioImages.tag}`,
      dockerfile: scratch(
        'COPY pilot-agent envoy /usr/local/bin/',
        'COPY envoy_bootstrap.json /var/lib/istio/envoy/envoy_bootstrap_tmpl.json',
        'COPY tmp /tmp',
        'ENV PATH=/usr/local/bin:/usr/bin:/bin',
        'USER 1337:1337',
        'ENTRYPOINT ["/usr/local/bin/pilot-agent"]',
      ),
      files: { 'pilot-agent': binaries.pilotAgent, envoy: binaries.envoy, 'envoy_bootstrap.json': bootstrap },
      folders: ['tmp'],
    },
  ];
}

/** Builds the images that aren't in the cache yet; gives back the archives of all. */
export async function buildImages(): Promise<string[]> {
  return await Promise.all((await allImages()).map(buildImage));
}

async function buildImage(image: Image): Promise<string> {
  const { name, dockerfile, files, folders = [] } = image;
  const isFile = dockerfile.startsWith('/');
  const hash = hashOf({
    files: [...Object.values(files), ...(isFile ? [dockerfile] : [])],
    values: [name, dockerfile, ...folders],
  });
  const folder = join(cache, `image-${basename(name).replace(/:.*/, '')}-${hash}`);
  await once(folder, `image ${name}`, async (target) => {
    const work = mkdtempSync(join(tmpdir(), 'clockout-image-'));
    try {
      const context = join(work, 'context');
      mkdirSync(context);
      for (const [file, source] of Object.entries(files)) {
        copyFileSync(source, join(context, file));
        chmodSync(join(context, file), file.endsWith('.json') ? 0o644 : 0o755);
      }
      for (const each of folders) mkdirSync(join(context, each));
      if (isFile) copyFileSync(dockerfile, join(work, 'Dockerfile'));
      else writeFileSync(join(work, 'Dockerfile'), dockerfile);
      await archive({ work, context, name, archive: join(target, 'image.tar') });
    } finally {
      rmSync(work, { recursive: true });
    }
  });
  return join(folder, 'image.tar');
}

/** chroot isolation and the vfs store need neither user namespaces nor overlays: both may be missing in a container. */
async function archive(made: { work: string; context: string; name: string; archive: string }): Promise<void> {
  const { work, context, name } = made;
  const settings = join(work, 'storage.conf');
  const store = `[storage]\ndriver = "vfs"\ngraphroot = "${work}/store"\nrunroot = "${work}/run"\n`;
  writeFileSync(settings, store);
  const env = { ...process.env, CONTAINERS_STORAGE_CONF: settings };
  const bud = ['buildah', 'bud', '--isolation', 'chroot', '--quiet', '--file', join(work, 'Dockerfile'), '--tag', name];
  await run([...bud, context], { env });
  await run(['buildah', 'push', '--quiet', name, `docker-archive:${made.archive}:${name}`], { env });
}

/** Gives an archive's image to the running containerd. */
export async function importImage(archive: string, rename?: { from: string; to: string }): Promise<void> {
  const ctr = ['ctr', '--address', inState('containerd.sock'), '--namespace', 'k8s.io', 'images'];
  await run([...ctr, 'import', '--snapshotter', 'native', archive]);
  if (rename) await run([...ctr, 'tag', rename.from, rename.to]);
}
