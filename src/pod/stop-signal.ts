/** The stop signal of a container, as the wrapper can pass it on. */

/**
 * The signals that run.sh has a trap for, without SIG, and their numbers on amd64 and arm64. KILL needs no trap: it ends the
 * wrapper, and then the kernel ends everything else in the container.
 * @see https://man7.org/linux/man-pages/man7/signal.7.html
 */
// biome-ignore format: one name a line would hide the order
const passedOn = new Map(Object.entries({
  HUP: 1, INT: 2, QUIT: 3, ABRT: 6, IOT: 6, KILL: 9, USR1: 10, USR2: 12, ALRM: 14, TERM: 15, CONT: 18, TSTP: 20, TTIN: 21,
  TTOU: 22, URG: 23, XCPU: 24, VTALRM: 26, PROF: 27, WINCH: 28, IO: 29, POLL: 29, PWR: 30,
}));
/** Two of them have two names. */
const nameOf = new Map([...passedOn].reverse().map(([name, number]) => [number, name]));

/** musl reserves 34, which is RTMIN. */
const realTime = { first: 35, last: 64 };
const realTimeName = /^RTM(?:IN\+([0-9]|1[0-5])|AX(?:-([0-9]|1[0-4]))?)$/;

/**
 * @param signal as in a pod's `lifecycle.stopSignal` or an image's STOPSIGNAL: a name with or without SIG, or a number
 * @returns its name for a shell's `trap`; undefined if the wrapper has no trap for it
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination-stop-signals
 */
export function trapFor(signal: string): string | undefined {
  const number = numberOf(signal.toUpperCase().replace(/^SIG/, ''));
  if (number === undefined) return undefined;
  return nameOf.get(number) ?? (number >= realTime.first && number <= realTime.last ? `${number}` : undefined);
}

// --- internal ---

function numberOf(name: string): number | undefined {
  if (/^[0-9]{1,2}$/.test(name)) return Number(name);
  const match = realTimeName.exec(name);
  if (!match) return passedOn.get(name);
  const [, aboveFirst, belowLast = 0] = match;
  return aboveFirst === undefined ? realTime.last - Number(belowLast) : realTime.first - 1 + Number(aboveFirst);
}
