/** How long something has been so. */

/** `3d4h`, as kubectl writes an age. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return '0s';
  const shown = parts.slice(first, first + (first === 3 ? 1 : 2)).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count}${unit}`).join('');
}
