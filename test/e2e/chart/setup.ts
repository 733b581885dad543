import { fetchHelms } from './helm.ts';

/** Vitest calls it once, before all files. */
export default fetchHelms;
