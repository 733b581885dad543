/** Istio's control plane, by its Deployment: its version, and what it is set to do about native sidecars. Pure. */
import { readIstioMinor } from '../pod/istio-version.ts';
import { isObject } from '../util/json-object.ts';

export type Istiod = {
  /** As the tag of its image says; undefined if that shows none. */
  minor: number | undefined;
  /** Its variable ENABLE_NATIVE_SIDECARS; undefined if it has none, null if the value stands elsewhere. */
  native: string | null | undefined;
};

/** @param deployment unchecked */
export function readIstiod(deployment: unknown): Istiod {
  const containers = dig(deployment, 'spec', 'template', 'spec', 'containers');
  const list = Array.isArray(containers) ? containers.filter(isObject) : [];
  const { image, env, envFrom } = list.find(({ name }) => name === 'discovery') ?? list[0] ?? {};
  const found = (Array.isArray(env) ? env : []).filter(isObject).find(({ name }) => name === variable);
  const elsewhere = Array.isArray(envFrom) && envFrom.length > 0 ? null : undefined;
  return {
    minor: typeof image === 'string' ? readIstioMinor(image) : undefined,
    native: found ? (typeof found.value === 'string' ? found.value : found.valueFrom ? null : '') : elsewhere,
  };
}

// --- internal ---

const variable = 'ENABLE_NATIVE_SIDECARS';

const dig = (value: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce((at: unknown, key) => (isObject(at) ? at[key] : undefined), value);
