/** Counts as people write them. */

/** `3,207` */
export const formatCount = (count: number): string => count.toLocaleString('en-US');

/** `1 node`, `3 nodes` */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;
