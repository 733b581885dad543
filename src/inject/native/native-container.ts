/** A classic sidecar's container as a native one: nothing changes but what Kubernetes or its mesh needs for that. */
import type { Convertible } from '../../decide/convertible.ts';
import { proxyContainerName } from '../../pod/names.ts';
import type { Container, VolumeMount } from '../../pod/schema.ts';
import type { NativeForm } from '../../pod/sidecars/native.ts';
import { istioContainers } from '../token-mount.ts';
import { setDrain } from './drain.ts';

type Settings = {
  /** Whether its readiness probe becomes a startup probe, too. */
  gate: boolean;
  /** Milliseconds that Istio's proxy goes on after the apps have ended. */
  drain: number;
  tokenMount: VolumeMount | undefined;
  allowsResizePolicy: boolean;
};

export function toNative({ container, form }: Convertible, settings: Settings): Container {
  const { gate, drain, tokenMount, allowsResizePolicy } = settings;
  const allowed = allowsResizePolicy ? container : withoutResizePolicy(container);
  const started = gate ? withGate(allowed) : allowed;
  const awaited = started.startupProbe == null ? started : withoutWaitHook(started, form);
  const drained = container.name === proxyContainerName ? setDrain(awaited, drain) : awaited;
  return { ...withToken(drained, tokenMount), restartPolicy: 'Always' };
}

// --- internal ---

/** As often and as long as Istio's own startup probe. Kubernetes starts the next container when it has succeeded. */
const timing = { periodSeconds: 1, timeoutSeconds: 3, failureThreshold: 600 };

function withoutResizePolicy(container: Container): Container {
  const { resizePolicy: _, ...rest } = container;
  return rest;
}

function withGate(container: Container): Container {
  const { httpGet, tcpSocket, grpc, exec } = container.readinessProbe ?? {};
  const handlers = Object.entries({ httpGet, tcpSocket, grpc, exec }).filter(([, handler]) => handler != null);
  return handlers.length > 0
    ? { ...container, startupProbe: { ...Object.fromEntries(handlers), ...timing } }
    : container;
}

/** The hook waits for what the startup probe waits for, and blocks the kubelet meanwhile: Istio's own template drops it, too. */
function withoutWaitHook(container: Container, { waitHook }: NativeForm): Container {
  const { lifecycle, ...rest } = container;
  const { postStart, ...others } = lifecycle ?? {};
  const program = postStart?.exec?.command?.[0];
  if (program === undefined || !waitHook?.test(program)) return container;
  if (program.endsWith('pilot-agent') && postStart?.exec?.command?.[1] !== 'wait') return container;
  return Object.keys(others).length > 0 ? { ...rest, lifecycle: others } : rest;
}

function withToken(container: Container, mount: VolumeMount | undefined): Container {
  const mounts = container.volumeMounts ?? [];
  if (!mount || !istioContainers.includes(container.name)) return container;
  if (mounts.some(({ mountPath }) => mountPath === mount.mountPath)) return container;
  return { ...container, volumeMounts: [...mounts, mount] };
}
