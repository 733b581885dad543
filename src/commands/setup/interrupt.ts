/** Lets a command clean up when it is interrupted. */

/** @returns a signal that Ctrl-C or a SIGTERM aborts once; a second one ends the process as usual */
export function onInterrupt(): { signal: AbortSignal; stop: () => void } {
  const interrupted = new AbortController();
  const abort = () => {
    stop();
    interrupted.abort();
  };
  const stop = () => {
    for (const name of signals) process.off(name, abort);
  };
  for (const name of signals) process.on(name, abort);
  return { signal: interrupted.signal, stop };
}

// --- internal ---

const signals = ['SIGINT', 'SIGTERM'] as const;
