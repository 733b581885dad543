/** JSON with every digit of large integers, which JSON.stringify refuses. Pure. */

export function printJson(value: unknown): string {
  let hasIntegers = false;
  const draft = JSON.stringify(
    value,
    (_, each) => {
      if (typeof each !== 'bigint') return each;
      hasIntegers = true;
      return null;
    },
    2,
  );
  if (!hasIntegers) return draft;
  let mark = 'integer:';
  while (draft.includes(mark)) mark += ':';
  const marked = JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? mark + each : each), 2);
  return marked.replaceAll(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1');
}
