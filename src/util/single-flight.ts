/** Does once what several callers ask for at the same time. */

/** @returns a function that starts the work for a key, or joins the work that is underway for it */
export function createSingleFlight<T>(): (key: string, start: () => Promise<T>) => Promise<T> {
  const underway = new Map<string, Promise<T>>();
  return (key, start) => {
    const flight = underway.get(key) ?? start().finally(() => underway.delete(key));
    underway.set(key, flight);
    return flight;
  };
}
