/** Kubernetes' quantities ("512Mi", "1.5G", "100m", "1e3"), as far as it takes to compare two of them. */

const binary = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const decimal = ['k', 'M', 'G', 'T', 'P', 'E'];
const small = ['m', 'u', 'n'];

/** In UTF-16 code units. */
export const longestQuantity = 64;

/**
 * @returns NaN for text that is no quantity, or a longer one than anybody writes
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(quantity: string | number): number {
  const text = `${quantity}`.slice(0, longestQuantity + 1);
  if (text.length > longestQuantity) return Number.NaN;
  // Each digit has one place to go: with `\d+\.?\d*` it had two, and the time was the square of their number.
  const [, digits, suffix = ''] = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)([A-Za-z]*)$/.exec(text) ?? [];
  return digits === undefined ? Number.NaN : Number(digits) * factor(suffix);
}

function factor(suffix: string): number {
  if (suffix === '') return 1;
  if (binary.includes(suffix)) return 1024 ** (binary.indexOf(suffix) + 1);
  if (decimal.includes(suffix)) return 1000 ** (decimal.indexOf(suffix) + 1);
  return small.includes(suffix) ? 1000 ** -(small.indexOf(suffix) + 1) : Number.NaN;
}
