/** Which signal stops a container, and whether the wrapper passes it on to the app. */

/**
 * Those that run.sh has a trap for, without SIG, and their numbers on amd64 and arm64. KILL needs no trap: it ends the wrapper, and
 * the kernel everything else in the container.
 * @see https://man7.org/linux/man-pages/man7/signal.7.html
 */
// biome-ignore format: one name a line would hide the order
const passedOn = new Map(Object.entries({
  HUP: 1, INT: 2, QUIT: 3, ABRT: 6, IOT: 6, KILL: 9, USR1: 10, USR2: 12, ALRM: 14, TERM: 15, CONT: 18, TSTP: 20, TTIN: 21,
  TTOU: 22, URG: 23, XCPU: 24, VTALRM: 26, PROF: 27, WINCH: 28, IO: 29, POLL: 29, PWR: 30,
}));
const numbers = new Set(passedOn.values());

/** The real-time ones. */
const realTime = /^RTM(IN(\+([0-9]|1[0-5]))?|AX(-([0-9]|1[0-4]))?)$/;

/**
 * @param signal as in a pod's `lifecycle.stopSignal` or an image's STOPSIGNAL: a name with or without SIG, or a number
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination-stop-signals
 */
export function isPassedOn(signal: string): boolean {
  if (/^[0-9]{1,2}$/.test(signal)) return numbers.has(Number(signal)) || (Number(signal) >= 34 && Number(signal) <= 64);
  const name = signal.toUpperCase().replace(/^SIG/, '');
  return passedOn.has(name) || realTime.test(name);
}
