/** Uses the cluster that is up, or brings one up for the tests and takes it down afterwards. */
import { connect } from '../api.ts';
import { build } from '../build.ts';
import { buildImages, importImages } from '../images.ts';
import { removeCluster } from '../leftovers.ts';
import { isUp, up } from '../up.ts';
import { startWebhook, webhookDefaults } from '../webhook.ts';

const options = { native: 'false' } as const;

export default async function setup(): Promise<() => Promise<void>> {
  await build();
  const ours = !(await isUp(options));
  if (ours) await up(options);
  else await importImages(await buildImages());
  const api = connect();
  await startWebhook(api, webhookDefaults);
  api.close();
  return async () => {
    if (ours) await removeCluster();
  };
}
