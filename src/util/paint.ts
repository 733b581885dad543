/** Text in color for a terminal. Node's own styleText is only in 20.12, and the command line runs with 20.0. */

const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export function paint(format: keyof typeof codes, text: string): string {
  const [open, close] = codes[format];
  return `\u001b[${open}m${text}\u001b[${close}m`;
}
