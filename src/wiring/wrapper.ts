/** What a patch needs to know of the configuration. */
import type { Settings } from '../admission/admit.ts';
import type { Config } from '../config.ts';
import { version } from '../version.ts';

export function wrapperSettings(config: Config): Settings {
  const { wrapperImage: image, wrapperPullPolicy: pullPolicy, wrapperResources: resources } = config;
  return { version, wrapper: { image, ...(pullPolicy ? { pullPolicy } : {}), ...(resources ? { resources } : {}) } };
}
