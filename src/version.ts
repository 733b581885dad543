import manifest from '../package.json' with { type: 'json' };

/** Clockout's version, from package.json; the bundler writes it into the bundle. */
export const version: string = manifest.version;
