/** What several ask for at the same time is done once. */

export function makeSingleFlight<T>(): (key: string, start: () => Promise<T>) => Promise<T> {
  const underway = new Map<string, Promise<T>>();
  return (key, start) => {
    const flight = underway.get(key) ?? start().finally(() => underway.delete(key));
    underway.set(key, flight);
    return flight;
  };
}
