/**
 * Clockout's own image. Nothing can be pulled here, so the stages before the Dockerfile's last one are stood in for: the
 * base image by this Node.js with this machine's libraries, the build by what was built here.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { run } from './exec.ts';
import { buildImage, librariesOf } from './images.ts';
import { cache, hashOf, root } from './paths.ts';

const repository = 'localhost/clockout';

/** Builds Clockout, and its image. Its tag tells what is in it, so that no node takes an old one for the new one. */
export async function buildClockoutImage(): Promise<{ repository: string; tag: string; archive: string }> {
  await run([process.execPath, 'scripts/build.ts'], { cwd: root });
  const dist = join(root, 'dist');
  const tag = hashOf({ files: [dist, join(root, 'Dockerfile'), process.execPath] });
  const built = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const archive = await buildImage({
    name: `${repository}:${tag}`,
    dockerfile: standIns + lastStage(),
    files: {
      node: process.execPath,
      ...(await librariesOf(process.execPath)),
      LICENSE: join(root, 'LICENSE'),
      ...Object.fromEntries(built.map((file) => [join('dist', file.slice(dist.length)), file])),
    },
  });
  removeOthers(dirname(archive));
  return { repository, tag, archive };
}

// --- internal ---

const standIns = `FROM scratch AS base
COPY node /usr/local/bin/
COPY lib /lib/
COPY lib /lib64/
ENV PATH=/usr/local/bin
FROM scratch AS build
COPY dist /build/dist
`;

/** As users build it, except for the image that it starts from. */
function lastStage(): string {
  const text = readFileSync(join(root, 'Dockerfile'), 'utf8');
  const [, stage] = /^.*\nFROM \S+\n(.*)$/s.exec(text) ?? [];
  if (stage === undefined) throw new Error('the Dockerfile should end in a stage that begins with FROM IMAGE');
  return `FROM base\n${stage}`;
}

/** There is one for each change of the sources, and each is as large as Node.js. */
function removeOthers(kept: string): void {
  const ours = basename(kept).replace(/[^-]*$/, '');
  for (const folder of readdirSync(cache)) {
    if (folder.startsWith(ours) && folder !== basename(kept)) rmSync(join(cache, folder), { recursive: true });
  }
}
