/** @returns the milliseconds of CPU time that it takes, which other work on the machine hardly changes */
export function cpuOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
