/** The images: built with buildah, kept as archives in the cache, and imported into each new cluster. */
import { appendFileSync, chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { binaries, istioModule, once } from './binaries.ts';
import { run } from './exec.ts';
import { loadIntoOwnCluster, needBuiltCluster } from './own-cluster.ts';
import { cache, hashOf, inState, isOwnCluster, root } from './paths.ts';
import { tryRead } from './processes.ts';
import { chosenSnapshotter } from './snapshotter.ts';

export const pauseImage = 'localhost/pause:1';
/** What the webhook's init container runs: Debian's static busybox at /bin/busybox, as in the official image. */
export const busyboxImage = 'localhost/busybox:1';
/** The test app as entrypoint, with an argument as CMD. */
export const appImage = 'localhost/app:1';
/** The test app, with programs that people let run it as process 1. */
export const initsImage = 'localhost/inits:1';
/** Sidecars, by the names that their injectors and charts give their containers. */
export const sidecarImages = {
  cloudSqlProxy: 'localhost/cloud-sql-connectors/cloud-sql-proxy:2.27.0',
  daprd: 'localhost/daprd:1',
  linkerdProxy: 'localhost/linkerd-proxy:1',
  vault: 'localhost/vault:1',
  helper: 'localhost/helper:1',
};
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
      name: initsImage,
      dockerfile: scratch('COPY app tini dumb-init gosu /', 'COPY lib /lib/', 'COPY lib /lib64/'),
      files: {
        app: binaries.app,
        tini: '/usr/bin/tini',
        'dumb-init': '/usr/bin/dumb-init',
        gosu: '/usr/sbin/gosu',
        ...(await librariesOf('/usr/bin/tini')),
        ...(await librariesOf('/usr/bin/dumb-init')),
      },
    },
    {
      name: sidecarImages.cloudSqlProxy,
      dockerfile: scratch('COPY cloud-sql-proxy /', 'USER 65532', 'ENTRYPOINT ["/cloud-sql-proxy"]'),
      files: { 'cloud-sql-proxy': binaries.cloudSqlProxy },
    },
    {
      name: sidecarImages.daprd,
      dockerfile: scratch('COPY daprd /', 'USER 65532'),
      files: { daprd: binaries.daprd },
    },
    {
      name: sidecarImages.linkerdProxy,
      dockerfile: scratch(
        'COPY linkerd2-proxy linkerd-await /usr/lib/linkerd/',
        'USER 65534',
        'ENTRYPOINT ["/usr/lib/linkerd/linkerd2-proxy"]',
      ),
      files: { 'linkerd2-proxy': binaries.standIn, 'linkerd-await': binaries.standIn },
    },
    {
      name: sidecarImages.vault,
      dockerfile: scratch('COPY busybox /bin/sh', 'COPY busybox vault /bin/', 'ENV PATH=/bin'),
      files: { busybox: '/bin/busybox', vault: binaries.standIn },
    },
    {
      name: sidecarImages.helper,
      dockerfile: scratch('COPY helper /', 'USER 65532', 'ENTRYPOINT ["/helper"]'),
      files: { helper: binaries.standIn },
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

/** What a program of this machine is linked with, as files for a folder lib: loader and libraries. */
export async function librariesOf(program: string): Promise<Record<string, string>> {
  const paths = (await run(['ldd', program])).match(/\/\S+/g) ?? [];
  return Object.fromEntries(paths.map((path) => [join('lib', basename(path)), path]));
}

/** Builds the images that aren't in the cache yet; gives back the archives of all. */
export async function buildImages(): Promise<string[]> {
  return await Promise.all((await allImages()).map(buildImage));
}

/** Builds one, unless it is in the cache; gives back its archive. */
export async function buildImage(image: Image): Promise<string> {
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
        mkdirSync(dirname(join(context, file)), { recursive: true });
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

async function archive(made: { work: string; context: string; name: string; archive: string }): Promise<void> {
  const { work, context, name } = made;
  const env = storeIn(work);
  await run([...buildahBuild, '--quiet', '--file', join(work, 'Dockerfile'), '--tag', name, context], { env });
  await run(['buildah', 'push', '--quiet', name, `docker-archive:${made.archive}:${name}`], { env });
}

/** chroot isolation and the vfs store need neither user namespaces nor overlays: both may be missing in a container. */
export const buildahBuild = ['buildah', 'bud', '--isolation', 'chroot', '--pull-never', '--timestamp', '0'];

/** The environment in which buildah keeps its images in a folder, and in no other place. */
export function storeIn(work: string): NodeJS.ProcessEnv {
  const settings = join(work, 'storage.conf');
  writeFileSync(settings, `[storage]\ndriver = "vfs"\ngraphroot = "${work}/store"\nrunroot = "${work}/run"\n`);
  return { ...process.env, CONTAINERS_STORAGE_CONF: settings };
}

/** Loads the images that the cluster doesn't have yet: those of a running cluster may be older. */
export async function importImages(archives: string[]): Promise<void> {
  const noted = inState('images');
  const there = tryRead(noted).split('\n');
  for (const archive of archives.filter((path) => !there.includes(path))) {
    await importImage(archive);
    appendFileSync(noted, `${archive}\n`);
  }
}

const ctr = ['ctr', '--address', inState('containerd.sock'), '--namespace', 'k8s.io', 'images'];

const importImage = (archive: string): Promise<string> =>
  isOwnCluster ? loadIntoOwnCluster(archive) : run([...ctr, 'import', '--snapshotter', chosenSnapshotter(), archive]);

/** Gives an image of the running containerd another name. */
export async function tagImage(from: string, to: string): Promise<string> {
  needBuiltCluster("the node's images");
  return await run([...ctr, 'tag', from, to]);
}
