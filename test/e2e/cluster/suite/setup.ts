/** Uses your own cluster or the one that is up, or brings one up for the tests and takes it down afterwards. */
import { build } from '../build.ts';
import { buildImages, importImages } from '../images.ts';
import { importClockout, installClockout } from '../install.ts';
import { removeCluster } from '../leftovers.ts';
import { needsOfFiles } from '../own-cluster.ts';
import { isOwnCluster } from '../paths.ts';
import { isUp, up } from '../up.ts';

const options = { native: 'false' } as const;

export default async function setup(): Promise<() => Promise<void>> {
  await build();
  if (isOwnCluster) {
    for (const [file, need] of Object.entries(needsOfFiles)) console.log(`${file} is skipped: it needs ${need}`);
  }
  const ours = !isOwnCluster && !(await isUp(options));
  if (ours) await up(options);
  else await importImages(await buildImages());
  await installClockout({}, await importClockout());
  return async () => {
    if (ours) await removeCluster();
    else await installClockout(); // the last file has left it with values of its own
  };
}
