/** Kubernetes' quantities ("512Mi", "1.5G", "100m", "1e3"), as exact integers: sums of doubles lose what a quota counts. */

/** In UTF-16 code units. */
export const longestQuantity = 64;

/** Kubernetes counts no smaller part of a unit. */
export const billionth = 1e-9;

/**
 * @returns billionths, rounded up, at most Kubernetes' own largest number; undefined for text that is not a quantity, or longer
 *   than `longestQuantity`
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(quantity: string | number): bigint | undefined {
  const text = `${quantity}`.slice(0, longestQuantity + 1);
  if (text.length > longestQuantity) return undefined;
  // Each digit can match in one place only. With `\d+\.?\d*` it could in two, and the time grew with the square of the length.
  const [, sign, whole = '', part, short = '', exponent, suffix = ''] =
    /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+)|([A-Za-z]*))$/.exec(text) ?? [];
  const unit = findUnit(suffix);
  if (sign === undefined || !unit) return undefined;
  const digits = part ?? short;
  const tens = Math.max(-longestQuantity, Math.min(longestQuantity, Number(exponent ?? 0))) + unit.tens - digits.length;
  const value = shifted(BigInt(whole + digits) * unit.factor, tens);
  const amount = value < largest ? value : largest;
  return sign === '-' ? -amount : amount;
}

// --- internal ---

const binary = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const decimal = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];

const largest = (2n ** 63n - 1n) * 10n ** 9n;

/** @returns what a suffix stands for, in billionths */
function findUnit(suffix: string): { factor: bigint; tens: number } | undefined {
  if (decimal.includes(suffix)) return { factor: 1n, tens: decimal.indexOf(suffix) * 3 };
  const power = binary.indexOf(suffix) + 1;
  return power > 0 ? { factor: 1024n ** BigInt(power), tens: 9 } : undefined;
}

function shifted(value: bigint, tens: number): bigint {
  const power = 10n ** BigInt(Math.abs(tens));
  return tens < 0 ? (value + power - 1n) / power : value * power;
}
