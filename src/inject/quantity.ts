/** Kubernetes' quantities ("512Mi", "1.5G", "100m", "1e3"), as numbers to compare. */

const binary = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const decimal = ['k', 'M', 'G', 'T', 'P', 'E'];
const small = ['m', 'u', 'n'];

/** In UTF-16 code units. */
export const longestQuantity = 64;

/**
 * @returns NaN for text that is not a quantity, or longer than `longestQuantity`
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(quantity: string | number): number {
  const text = `${quantity}`.slice(0, longestQuantity + 1);
  if (text.length > longestQuantity) return Number.NaN;
  // Each digit can match in one place only. With `\d+\.?\d*` it could in two, and the time grew with the square of the length.
  const [, digits, suffix = ''] = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)([A-Za-z]*)$/.exec(text) ?? [];
  return digits === undefined ? Number.NaN : Number(digits) * factor(suffix);
}

function factor(suffix: string): number {
  if (suffix === '') return 1;
  if (binary.includes(suffix)) return 1024 ** (binary.indexOf(suffix) + 1);
  if (decimal.includes(suffix)) return 1000 ** (decimal.indexOf(suffix) + 1);
  return small.includes(suffix) ? 1000 ** -(small.indexOf(suffix) + 1) : Number.NaN;
}
