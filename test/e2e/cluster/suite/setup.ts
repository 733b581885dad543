/** Uses the cluster that is up, or brings one up for the tests and takes it down afterwards. */
import { build } from '../build.ts';
import { buildImages, importImages } from '../images.ts';
import { importClockout, installClockout } from '../install.ts';
import { removeCluster } from '../leftovers.ts';
import { isUp, up } from '../up.ts';

const options = { native: 'false' } as const;

export default async function setup(): Promise<() => Promise<void>> {
  await build();
  const ours = !(await isUp(options));
  if (ours) await up(options);
  else await importImages(await buildImages());
  await installClockout({}, await importClockout());
  return async () => {
    if (ours) await removeCluster();
    else await installClockout(); // the last file has left it with values of its own
  };
}
