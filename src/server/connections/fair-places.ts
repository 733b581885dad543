/** Chooses which connection has to close when places run short. Pure: it closes nothing itself. */

export type FairPlaces<T> = {
  /** Adds it as the youngest. */
  add: (one: T) => void;
  /** @returns false if it had no place */
  remove: (one: T) => boolean;
  /** @returns the oldest one of the address that has the most places; if several addresses have as many, the oldest of them all */
  findNext: () => T | undefined;
  size: () => number;
};

/** Shares the places by address: an address that opens many connections loses its own first. */
export function createFairPlaces<T extends { address: string }>(): FairPlaces<T> {
  /** Each has a number, which is higher for a younger one. The maps are in the order of these numbers. */
  const byAddress = new Map<string, Map<T, number>>();
  let age = 0;
  let size = 0;

  const remove = (one: T): boolean => {
    const own = byAddress.get(one.address);
    if (!own?.delete(one)) return false;
    size--;
    if (own.size === 0) byAddress.delete(one.address);
    return true;
  };

  return {
    remove,
    size: () => size,
    add: (one) => {
      remove(one);
      const own = byAddress.get(one.address) ?? new Map<T, number>();
      byAddress.set(one.address, own.set(one, age++));
      size++;
    },
    findNext: () => {
      let most = 0;
      let oldest: [T, number] | undefined;
      for (const own of byAddress.values()) {
        const [first] = own;
        if (!first || own.size < most || (own.size === most && oldest && oldest[1] < first[1])) continue;
        most = own.size;
        oldest = first;
      }
      return oldest?.[0];
    },
  };
}
