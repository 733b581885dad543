/** Everything that is made once and kept: Debian packages, programs, images. */
import { mkdirSync } from 'node:fs';
import { buildBinaries } from './binaries.ts';
import { buildImages } from './images.ts';
import { cache } from './paths.ts';
import { checkMachine, installDebianPackages } from './requirements.ts';

/** Makes what isn't there yet; cold 20 to 35 minutes on 2 cores, else a second. */
export async function build(): Promise<void> {
  await checkMachine();
  mkdirSync(cache, { recursive: true });
  await installDebianPackages();
  await buildBinaries();
  await buildImages();
}
