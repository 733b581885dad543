/** Which signal stops a container, and whether the wrapper passes it on to the app. */

/**
 * Of those that run.sh has a trap for, the names without SIG. KILL needs none: it ends the wrapper, and the kernel everything
 * else in the container.
 */
const passedOn = new Set(
  'HUP INT QUIT ABRT IOT KILL USR1 USR2 ALRM TERM CONT TSTP TTIN TTOU URG XCPU VTALRM PROF WINCH IO POLL PWR'.split(
    ' ',
  ),
);

/** Their numbers on amd64 and arm64. @see signal(7) */
const numbers = new Set([1, 2, 3, 6, 9, 10, 12, 14, 15, 18, 20, 21, 22, 23, 24, 26, 27, 28, 29, 30]);

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
