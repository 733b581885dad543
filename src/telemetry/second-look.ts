/**
 * Whether the API server asks about a pod for the first time, by what is in the pod: another replica may have answered before.
 *
 * The API server mounts the token of the service account before it calls webhooks, and again after them. So Istio's container has no
 * token when a webhook after Istio's first sees the pod, and has it from then on.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.35.4/plugin/pkg/admission/serviceaccount/admission.go
 */
import { proxyContainerName } from '../pod/names.ts';
import type { Container, Pod } from '../pod/schema.ts';
import { isObject } from '../util/json-object.ts';

const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';

/** `unknown`: no Istio, no token, or an istio-proxy that is in the manifest. */
export type Look = 'first' | 'later' | 'unknown';

export function readLook({ metadata, spec }: Pod): Look {
  const all = [...spec.containers, ...(spec.initContainers ?? [])];
  const proxy = all.find(({ name }) => name === proxyContainerName);
  if (!proxy || !all.some((each) => each !== proxy && hasToken(each))) return 'unknown';
  if (!hasToken(proxy)) return 'first';
  return isAdded(metadata) ? 'later' : 'unknown';
}

// --- internal ---

const hasToken = ({ volumeMounts }: Container) => (volumeMounts ?? []).some(({ mountPath }) => mountPath === tokenPath);

/** The creator of the pod owns no field of the container, so a webhook has added it. */
function isAdded(metadata: unknown): boolean {
  const [creator] = listOf(fieldOf(metadata, 'managedFields'));
  const spec = fieldOf(fieldOf(creator, 'fieldsV1'), 'f:spec');
  const lists = ['f:containers', 'f:initContainers'].map((name) => fieldOf(spec, name));
  return isObject(lists[0]) && lists.every((list) => fieldOf(list, `k:{"name":"${proxyContainerName}"}`) === undefined);
}

const fieldOf = (value: unknown, key: string): unknown =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
