/** The part of the configuration that decides what happens to a pod. */
import type { Settings } from '../../admission/admit.ts';
import type { Config } from '../../config/parse.ts';
import { prefix } from '../../pod/names.ts';
import { version } from '../../version.ts';

export function podSettings(config: Config): Settings {
  const { wrapperImage: image, wrapperPullPolicy: pullPolicy, wrapperResources: resources } = config;
  const allowedAnnotations = readAllowed(config.allowedAnnotations);
  return {
    version,
    wrapper: { image, ...(pullPolicy ? { pullPolicy } : {}), ...(resources ? { resources } : {}) },
    ...(allowedAnnotations && { allowedAnnotations }),
  };
}

// --- internal ---

/** @returns names without the prefix; undefined if all are allowed */
function readAllowed(text: string): ReadonlySet<string> | undefined {
  if (text === 'all') return undefined;
  if (text === 'none') return new Set();
  return new Set(text.split(',').map((name) => name.trim().replace(prefix, '')));
}
