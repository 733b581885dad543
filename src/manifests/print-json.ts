/** JSON with every digit of large integers, which JSON.stringify refuses. Pure. */

/** @param space the indentation of a level, or how many spaces that is */
export function printJson(value: unknown, space: string | number = 2): string {
  let hasIntegers = false;
  const draft = JSON.stringify(
    value,
    (_, each) => {
      if (typeof each !== 'bigint') return each;
      hasIntegers = true;
      return null;
    },
    space,
  );
  if (!hasIntegers) return draft;
  let mark = 'integer:';
  while (draft.includes(mark)) mark += ':';
  const marked = JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? mark + each : each), space);
  return marked.replaceAll(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1');
}
