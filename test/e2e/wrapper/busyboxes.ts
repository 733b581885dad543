/**
 * The builds of busybox that the wrapper is tested with, each made once and kept in the cache: Debian's two packages, and
 * version 1.37.0 from Debian 13's source with its default configuration and musl, which is what the default wrapper
 * image has.
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'clockout', 'busybox');

/** Each gives the path of its busybox. */
export const busyboxes: Record<string, () => string> = {
  musl: () => once('musl', buildWithMusl),
  'busybox-static': () => once('busybox-static', unpack('busybox-static')),
  busybox: () => once('busybox', unpack('busybox')),
};

/** A folder of the cache, made once by `make`. */
function once(name: string, make: (folder: string) => void): string {
  const folder = join(cache, name);
  const busybox = join(folder, 'busybox');
  if (existsSync(busybox)) return busybox;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  console.log(`making ${name}`);
  make(folder);
  return busybox;
}

const run = (command: string, args: string[], cwd: string) =>
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });

// apt's own user may not write to a folder of root's.
const asRoot = '-oAPT::Sandbox::User=root';

/** Debian's packages exclude each other, so they are unpacked, not installed. */
const unpack = (name: string) => (folder: string) => {
  run('apt-get', ['update', '-qq'], folder);
  run('apt-get', ['download', name, asRoot], folder);
  run('dpkg', ['-x', find(folder, '.deb'), 'unpacked'], folder);
  copyFileSync(join(folder, 'unpacked/bin/busybox'), join(folder, 'busybox'));
};

function buildWithMusl(folder: string): void {
  run('apt-get', ['install', '-qq', '-y', 'musl-tools', 'gcc', 'make', 'bzip2'], folder);
  downloadSource(folder);
  const source = join(folder, 'source');
  mkdirSync(source);
  run('tar', ['-xf', join(folder, find(folder, '.orig.tar')), '--strip-components=1'], source);
  run('make', ['defconfig'], source);
  const config = readFileSync(join(source, '.config'), 'utf8')
    .replace('# CONFIG_STATIC is not set', 'CONFIG_STATIC=y')
    // The one applet that does not compile with new kernel headers.
    .replace('CONFIG_TC=y', '# CONFIG_TC is not set');
  writeFileSync(join(source, '.config'), config);
  const compile = `yes '' | make CC=musl-gcc EXTRA_CFLAGS='-idirafter ${kernelHeaders(folder)}' -j2 busybox`;
  run('sh', ['-c', `${compile} >build.log 2>&1`], source);
  copyFileSync(join(source, 'busybox'), join(folder, 'busybox'));
  rmSync(source, { recursive: true });
}

/** With a source list and package lists of our own, so that this machine's stay as they are. */
function downloadSource(folder: string): void {
  const sources = join(folder, 'sources');
  mkdirSync(join(folder, 'lists/partial'), { recursive: true });
  mkdirSync(sources);
  writeFileSync(
    join(sources, 'debian.sources'),
    `Types: deb-src\nURIs: ${debianMirror()}\nSuites: trixie\nComponents: main\n` +
      'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n',
  );
  const own = [
    '-oDir::Etc::SourceList=/dev/null',
    `-oDir::Etc::SourceParts=${sources}`,
    `-oDir::State::Lists=${join(folder, 'lists')}`,
    asRoot,
  ];
  run('apt-get', [...own, 'update'], folder);
  run('apt-get', [...own, 'source', '--download-only', 'busybox'], folder);
}

/** Where this machine has its own Debian packages from. */
function debianMirror(): string {
  const targets = execFileSync('apt-get', ['indextargets', '--format', '$(REPO_URI) $(COMPONENT) $(ORIGIN)'], {
    encoding: 'utf8',
  });
  const mirror = /^(\S+\/debian\/?) main/m.exec(targets)?.[1];
  if (!mirror) throw new Error('expected Debian among the sources of apt-get, to take the source of busybox from');
  return mirror;
}

/** musl-gcc does not look for the kernel's headers where the distribution has them. */
function kernelHeaders(folder: string): string {
  const headers = join(folder, 'headers');
  mkdirSync(headers);
  const machine = execFileSync('gcc', ['-print-multiarch'], { encoding: 'utf8' }).trim();
  for (const name of ['linux', 'asm-generic', 'mtd']) symlinkSync(`/usr/include/${name}`, join(headers, name));
  symlinkSync(`/usr/include/${machine}/asm`, join(headers, 'asm'));
  return headers;
}

const find = (folder: string, part: string) => readdirSync(folder).find((file) => file.includes(part)) ?? '';
