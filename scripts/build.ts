/**
 * Bundles src/main.ts into dist/: clockout.mjs with chunks that are loaded when a command needs them, for a server that starts fast,
 * and clockout-cli.mjs, the same program without the server as one file, to copy anywhere.
 */
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

const options = {
  absWorkingDir: root,
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  bundle: true,
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
} as const satisfies BuildOptions;

const { metafile } = await build({
  ...options,
  entryPoints: { clockout: 'src/main.ts' },
  chunkNames: 'chunks/[name]-[hash]',
  splitting: true,
});
await buildOneFile();
removeOldChunks(metafile);
for (const name of ['clockout.mjs', 'clockout-cli.mjs']) chmodSync(join(dist, name), 0o755);
writeFileSync(join(dist, 'LICENSES.txt'), collectLicences(metafile));

/** The server would make it ten times as large. */
async function buildOneFile(): Promise<void> {
  const { metafile, outputFiles } = await build({
    ...options,
    write: false,
    entryPoints: { 'clockout-cli': 'src/main.ts' },
    plugins: [
      {
        name: 'no-server',
        setup: ({ onResolve }) =>
          onResolve({ filter: /^\.\/serve\.ts$/ }, () => ({ path: join(root, 'src/commands/no-server.ts') })),
      },
    ],
  });
  // It is passed on alone. A licence with the end of a comment in it would end this one.
  const licences = `/*\n${collectLicences(metafile).replaceAll('*/', '* /')}*/\n`;
  // At once: another build may run at the same time.
  writeFileSync(join(dist, 'clockout-cli.mjs'), [...outputFiles.map(({ text }) => text), licences].join(''));
}

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
