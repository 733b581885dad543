/**
 * Does some work once for each object, and forgets the answer together with the object: what a pod says is the same for all of
 * its images.
 */
export function onceForEach<K extends object, T extends object>(work: (of: K) => T): (of: K) => T {
  const known = new WeakMap<K, T>();
  return (of) => {
    const answer = known.get(of) ?? work(of);
    known.set(of, answer);
    return answer;
  };
}
