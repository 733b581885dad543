import { fetchHelms } from './helm.ts';

/** Vitest calls this once, before all test files. */
export default fetchHelms;
