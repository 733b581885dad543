/** The init container that puts busybox, the scripts and a FIFO for each wrapped container where they can be found. */
import type { Operation } from 'fast-json-patch';
import { escapeDollars } from '../entrypoint/argv.ts';
import { findOurInitContainer, initCommand, initContainerName, stateVolume, toolsVolume } from '../ours.ts';
import type { Pod } from '../types.ts';
import { tokenPath } from './mounts.ts';
import { append, pointer, set } from './operations.ts';
import type { Plan, WrappedContainer } from './plan.ts';
import { staysBesideNative } from './plan-sidecars.ts';
import { guardScript, initScript, runScript } from './scripts.ts';

const command = [...initCommand, escapeDollars(initScript), initContainerName];
const scripts = [runScript, guardScript].map(escapeDollars);

export function initContainer(pod: Pod, plan: Plan): Operation[] {
  const args = initArgs(plan);
  const present = findOurInitContainer(pod);
  if (!present) return append('/spec/initContainers', pod.spec.initContainers, [newInitContainer(plan, args)]);
  const path = pointer('spec', 'initContainers', present.index);
  return [
    ...set(`${path}/command`, present.container.command, command),
    ...set(`${path}/args`, present.container.args, args),
  ];
}

/**
 * The port is to ask whether a native proxy runs already; with the sidecar in view there is nothing to ask. Beside one that
 * does, a wrapper becomes its app, or stays for the other sidecars that the plan has to end.
 */
function initArgs({ sidecar, port, containers, ...plan }: Plan): string[] {
  const ends = containers.map(endOption).join(',');
  if (sidecar !== 'expected' || port === 0) return [...scripts, '-', ends];
  return [...scripts, `${port}`, ends, staysBesideNative(plan) ? 'kept' : 'native'];
}

/** The last container out tells the proxy to quit: all know from the init container whose end to look for. */
const endOption = ({ name, end, startTimeout }: WrappedContainer) => `${name}:${end}:${startTimeout}`;

function newInitContainer({ initContainer: { image, pullPolicy, runAsUser, resources } }: Plan, args: string[]) {
  return {
    name: initContainerName,
    image,
    ...(pullPolicy ? { imagePullPolicy: pullPolicy } : {}),
    command,
    args,
    resources,
    // Passes the Pod Security Standard "restricted", whatever the pod does.
    // https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: [
      { name: toolsVolume.name, mountPath: toolsVolume.mountPath },
      { name: stateVolume.name, mountPath: stateVolume.mountPath },
      // An empty folder where the service account's token would be: it needs none, and without a mount of its own the
      // API server would add one, see the pod changed, and call us a second time.
      { name: stateVolume.name, mountPath: tokenPath, subPath: 'no-token', readOnly: true },
    ],
  };
}
