/** The annotation sidecar.istio.io/status, in which Istio's injector records what it added. A pod's author can write it, too. */

type IstioStatus = Readonly<Record<string, unknown>>;

/** @returns undefined for text that is not Istio's */
export function readIstioStatus(text: string | null | undefined): IstioStatus | undefined {
  if (!text || text.length > longestStatus) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value))
      : undefined;
  } catch {
    return undefined;
  }
}

/** A list of names in it, which Istio writes as null if it is empty. */
export function namesIn(status: IstioStatus | undefined, list: 'containers' | 'initContainers'): unknown[] {
  const names = status?.[list];
  return Array.isArray(names) ? names : [];
}

// --- internal ---

/** In UTF-16 code units: ten times what Istio writes. */
const longestStatus = 16_384;
