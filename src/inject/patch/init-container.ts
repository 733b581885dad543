/** The init container that puts busybox, the scripts, and the steps and a FIFO of each container where they can be found. */
import type { Operation } from 'fast-json-patch';
import { escapeDollars } from '../../entrypoint/compose-argv.ts';
import {
  findOurInitContainer,
  initCommand,
  initContainerName,
  mountsOurVolume,
  sameMount,
  stateVolume,
  toolsVolume,
} from '../../pod/names.ts';
import type { Container, Pod, VolumeMount } from '../../pod/schema.ts';
import { guardScript, guardTracedScript, initScript, runScript, runTracedScript } from '../../wrapper/scripts.ts';
import type { Plan, WrappedContainer } from '../plan.ts';
import { staysBesideNative } from '../plan-sidecars.ts';
import { tokenPath } from './mounts.ts';
import { append, equal, pointer, restore } from './operations.ts';

const [init = '', ...scripts] = [initScript, runScript, guardScript].map(escapeDollars);
const tracedScripts = [runTracedScript, guardTracedScript].map(escapeDollars);
const command = [...initCommand, init, initContainerName];

/** The scripts as they stand in a patch. */
export const scriptTexts: readonly string[] = [init, ...scripts];

export function initContainer(pod: Pod, plan: Plan): Operation[] {
  const wanted = newInitContainer(plan, initArgs(plan));
  const present = findOurInitContainer(pod);
  if (!present) return append('/spec/initContainers', pod.spec.initContainers, [wanted]);
  const path = pointer('spec', 'initContainers', present.index);
  return restore(path, present.container, { ...wanted, ...kept(present.container, wanted) });
}

/**
 * Whoever makes a pod can put a container of our name there, and all other containers trust what it lays into the volumes: so
 * it is put back to ours. What other webhooks have reason to change stays, and so does what the API server adds.
 */
function kept(present: Container, { securityContext, volumeMounts }: ReturnType<typeof newInitContainer>) {
  const fields = Object.entries(present).filter(([key, value]) => keptFields.has(key) && value != null);
  const tokens = (present.volumeMounts ?? []).filter((mount) => isTokenMount(mount));
  const paths = new Set(tokens.map(({ mountPath }) => mountPath));
  return {
    ...Object.fromEntries(fields),
    volumeMounts: inOrderOf(present.volumeMounts ?? [], [
      ...volumeMounts.filter(({ mountPath }) => !paths.has(mountPath)),
      ...tokens,
    ]),
    ...(dropsMore(present.securityContext, securityContext) ? { securityContext: present.securityContext } : {}),
  };
}

const keptFields: ReadonlySet<string> = new Set([
  'image',
  'imagePullPolicy',
  'resources',
  'terminationMessagePath',
  'terminationMessagePolicy',
]);

/** A token of the API server's, of Istio's or of a cloud's webhook: there it can hide neither busybox nor our volumes. */
const isTokenMount = (mount: VolumeMount) =>
  !mountsOurVolume(mount) &&
  tokenFolders.some((folder) => mount.mountPath.startsWith(folder)) &&
  !mount.mountPath.includes('..');

const tokenFolders = ['/run/secrets/', '/var/run/secrets/'];

/** An order that is only another is no change. */
function inOrderOf(present: readonly VolumeMount[], wanted: readonly VolumeMount[]): readonly VolumeMount[] {
  const byPath = new Map(wanted.map((mount) => [mount.mountPath, mount]));
  const found = present.filter((mount) => {
    const same = byPath.get(mount.mountPath);
    return same !== undefined && sameMount(mount, same);
  });
  return found.length === wanted.length && present.length === wanted.length ? present : wanted;
}

/** OpenShift adds names to the capabilities that are dropped, although "ALL" is among them. */
function dropsMore(present: Container['securityContext'], ours: { capabilities: { drop: string[] } }): boolean {
  const drop = present?.capabilities?.drop ?? [];
  return (
    ours.capabilities.drop.every((name) => drop.includes(name)) &&
    equal({ ...present, capabilities: { ...present?.capabilities, drop: ours.capabilities.drop } }, ours)
  );
}

/**
 * The port is to ask whether a native proxy runs already; with the sidecar in view there is nothing to ask. Beside one that
 * does, a wrapper becomes its app, or stays for the other sidecars that the plan has to end.
 */
function initArgs({ sidecar, port, containers, trace, ...plan }: Plan): string[] {
  const texts = trace ? tracedScripts : scripts;
  const guards = plan.sidecars.flatMap(({ name, guard }) => (guard.runs ? [name] : []));
  const names = [containers.map(wrappedOption).join(','), guards.join(',')];
  if (sidecar !== 'expected' || port === 0) return [...texts, '-', ...names];
  return [...texts, `${port}`, ...names, staysBesideNative(plan) ? 'kept' : 'native'];
}

/** The last container out asks the proxy to exit: all know from the init container whose end to look for. */
const wrappedOption = ({ name, end, startTimeout }: WrappedContainer) => `${name}:${end}:${startTimeout}`;

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
