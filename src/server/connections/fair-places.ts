/** Who has to go where places are short. Pure: it closes nothing itself. */

export type FairPlaces<T> = {
  /** As the youngest. */
  add: (one: T) => void;
  /** @returns false if it was not there */
  remove: (one: T) => boolean;
  /** The oldest one of the address that has the most; of addresses with as many, that of the oldest. */
  next: () => T | undefined;
  size: () => number;
};

/** Shared by addresses: whoever opens many loses his own first. */
export function fairPlaces<T extends { address: string }>(): FairPlaces<T> {
  /** A number for each, higher for the younger; in the order of these numbers. */
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
    next: () => {
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
