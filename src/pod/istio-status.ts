/** The annotation sidecar.istio.io/status, in which Istio's injector records what it added. A pod's author can write it, too. */
import { parseObject } from '../util/json-object.ts';

type IstioStatus = Readonly<Record<string, unknown>>;

/** @returns undefined for text that is not Istio's */
export function readIstioStatus(text: string | null | undefined): IstioStatus | undefined {
  return text && text.length <= longestStatus ? parseObject(text) : undefined;
}

/** A list of names in it, which Istio writes as null if it is empty. */
export function namesIn(status: IstioStatus | undefined, list: 'containers' | 'initContainers'): unknown[] {
  const names = status?.[list];
  return Array.isArray(names) ? names : [];
}

// --- internal ---

/** In UTF-16 code units: ten times what Istio writes. */
const longestStatus = 16_384;
