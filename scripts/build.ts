/** Bundles src/main.ts into dist/: one entry, and chunks that are loaded when a command needs them. */
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { clockout: 'src/main.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  // Older than what Clockout needs: an old Node.js must be able to read the entry, which then says so.
  target: 'node18',
  // Without the rest of minifying: traces stay readable, and it made no difference to the start.
  minifySyntax: true,
  // A package's ES modules where it has them: of the X.509 library, that halves what is loaded.
  mainFields: ['module', 'main'],
  // The CommonJS packages in the bundle call require for Node's own modules.
  banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
  legalComments: 'none', // All licences are in one file, see below.
  metafile: true,
  logLevel: 'warning',
});
removeOldChunks(metafile);
chmodSync(join(dist, 'clockout.mjs'), 0o755);
writeFileSync(join(dist, 'LICENSES.txt'), collectLicences(metafile));

/** Afterwards, not before: a bundle that somebody runs meanwhile stays whole. */
function removeOldChunks({ outputs }: Metafile): void {
  for (const name of readdirSync(join(dist, 'chunks'))) {
    if (!(`dist/chunks/${name}` in outputs)) rmSync(join(dist, 'chunks', name));
  }
}

/** The licences of the packages that went into the bundle ask to be passed on with it. */
function collectLicences({ inputs }: Metafile): string {
  const folders = Object.keys(inputs).map((file) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  return [...new Set(folders)]
    .filter((folder) => folder !== undefined)
    .sort()
    .map(describePackage)
    .join('\n');
}

function describePackage(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const file = readdirSync(join(root, folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file ? readFileSync(join(root, folder, file), 'utf8').trim() : '';
  return `${'='.repeat(80)}\n${name} ${version} (${license})\n${'='.repeat(80)}\n${text}\n`;
}
