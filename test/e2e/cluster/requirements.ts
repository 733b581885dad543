/** What a machine must have for a cluster: checked before anything is done, each lack with what to do about it. */
import { existsSync, readFileSync } from 'node:fs';
import { attempt, run } from './exec.ts';
import { step } from './progress.ts';
import { debianPackages, minimumGo } from './versions.ts';

/** Throws with everything that stands in the way of running a cluster here, all at once. */
export async function checkMachine(): Promise<void> {
  const lacks: string[] = [];
  if (process.platform !== 'linux') lacks.push(`the parts run on Linux only, and this is ${process.platform}`);
  if (process.arch !== 'x64') lacks.push(`helm and kubectl come as x64 programs only, and this is ${process.arch}`);
  if (process.getuid?.() !== 0) lacks.push('it makes namespaces, mounts and links: run it as root (sudo), or in a VM');
  if (!existsSync('/usr/bin/apt-get')) lacks.push('etcd, containerd and others are taken from Debian: no apt-get here');
  const go = await goVersion();
  if (go === undefined) lacks.push(`Kubernetes is built from its source: install Go ${minimumGo} or newer (go.dev/dl)`);
  else if (!atLeast(go, minimumGo)) lacks.push(`it needs Go ${minimumGo} or newer, and found ${go} (go.dev/dl)`);
  if (lacks.length > 0) throw new Error(`The test cluster can't run here:\n${lacks.map((l) => `  - ${l}`).join('\n')}`);
}

/** Installs the Debian packages that are missing. */
export async function installDebianPackages(): Promise<void> {
  const missing = debianPackages.filter((name) => !isInstalled(name));
  if (missing.length > 0) await aptInstall(missing);
}

export const aptInstall = (packages: string[]): Promise<void> =>
  step(`apt-get install ${packages.join(' ')}`, async () => {
    // RUNLEVEL=1: a package that brings a service (etcd, containerd) must not start it.
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    await run(['apt-get', 'update', '-qq'], { env, timeoutSeconds: 300 });
    await run(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages], {
      env,
      timeoutSeconds: 600,
    });
  });

/** dpkg keeps a list of files for each installed package. */
const isInstalled = (name: string): boolean =>
  existsSync(`/var/lib/dpkg/info/${name}.list`) &&
  new RegExp(`^Package: ${name}\\nStatus: install ok installed$`, 'm').test(
    readFileSync('/var/lib/dpkg/status', 'utf8'),
  );

async function goVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await attempt(['go', 'env', 'GOVERSION']);
    return /^go(\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

function atLeast(found: string, wanted: string): boolean {
  const [major = 0, minor = 0] = found.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
