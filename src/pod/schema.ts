/**
 * The fields of a Pod that Clockout reads, as one schema: TypeScript's types and the run-time check both come from it.
 * Fields not named here are never read, and pass through untouched, since the answer is a JSON patch on our own paths.
 * `null` counts as absent, as it does for the API server.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
 */
import { type Static, type TSchema, Type } from 'typebox';

const maybe = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));
const strings = Type.Array(Type.String());
/**
 * Values by any key. The check is our own single pass: typebox makes a list of all entries first, which takes three times as
 * long, and its pattern for keys, `^.*$`, does not check the value of a key with a newline.
 */
const mapOf = <T extends string | number | null>(isValue: (value: unknown) => boolean) => {
  const isMap = (map: object) => {
    for (const key in map) if (!isValue(map[key as keyof typeof map])) return false;
    return true;
  };
  return Type.Unsafe<Record<string, T>>(Type.Refine(Type.Object({}, { isValue }), isMap));
};
/** A key without a value, as in `note:`, is null in YAML and an empty text to Kubernetes. */
const stringMap = mapOf<string | null>((value) => typeof value === 'string' || value === null);
const port = Type.Union([Type.Integer(), Type.String()]);

const VolumeMount = Type.Object({
  name: Type.String(),
  mountPath: Type.String(),
  readOnly: maybe(Type.Boolean()),
  subPath: maybe(Type.String()),
  subPathExpr: maybe(Type.String()),
  mountPropagation: maybe(Type.String()),
  recursiveReadOnly: maybe(Type.String()),
});

/** A hook. Only `exec` is read; a hook without it is of another kind, such as httpGet. */
const Handler = Type.Object({ exec: maybe(Type.Object({ command: maybe(strings) })) });

/** Of a probe's handlers, only `exec` is read. The others are passed on as they are. */
const Probe = Type.Object({
  exec: maybe(Type.Object({ command: maybe(strings) })),
  httpGet: maybe(Type.Object({})),
  tcpSocket: maybe(Type.Object({})),
  grpc: maybe(Type.Object({})),
  initialDelaySeconds: maybe(Type.Integer()),
  periodSeconds: maybe(Type.Integer()),
  failureThreshold: maybe(Type.Integer()),
  timeoutSeconds: maybe(Type.Integer()),
});

/** Quantities by resource name; a manifest may give them as numbers (`cpu: 2`). */
const Quantities = mapOf<string | number>((value) => typeof value === 'string' || typeof value === 'number');

const Resources = Type.Object({ requests: maybe(Quantities), limits: maybe(Quantities) });

const Container = Type.Object({
  name: Type.String(),
  image: maybe(Type.String()),
  imagePullPolicy: maybe(Type.String()),
  command: maybe(strings),
  args: maybe(strings),
  env: maybe(
    Type.Array(Type.Object({ name: Type.String(), value: maybe(Type.String()), valueFrom: maybe(Type.Object({})) })),
  ),
  ports: maybe(Type.Array(Type.Object({ containerPort: maybe(port) }))),
  resources: maybe(Resources),
  resizePolicy: maybe(Type.Array(Type.Unknown())),
  volumeMounts: maybe(Type.Array(VolumeMount)),
  volumeDevices: maybe(Type.Array(Type.Object({ devicePath: Type.String() }))),
  lifecycle: maybe(
    Type.Object({ postStart: maybe(Handler), preStop: maybe(Handler), stopSignal: maybe(Type.String()) }),
  ),
  livenessProbe: maybe(Probe),
  readinessProbe: maybe(Probe),
  startupProbe: maybe(Probe),
  securityContext: maybe(
    Type.Object({
      runAsUser: maybe(Type.Integer()),
      capabilities: maybe(Type.Object({ drop: maybe(strings) })),
    }),
  ),
  restartPolicy: maybe(Type.String()),
  restartPolicyRules: maybe(Type.Array(Type.Unknown())),
});

const Volume = Type.Object({ name: Type.String(), emptyDir: maybe(Type.Object({})) });

const OwnerReference = Type.Object({
  apiVersion: Type.String(),
  kind: Type.String(),
  name: maybe(Type.String()),
  uid: maybe(Type.String()),
  controller: maybe(Type.Boolean()),
});

const ObjectMeta = Type.Object({
  name: maybe(Type.String()),
  generateName: maybe(Type.String()),
  namespace: maybe(Type.String()),
  labels: maybe(stringMap),
  annotations: maybe(stringMap),
  ownerReferences: maybe(Type.Array(OwnerReference)),
});

const NodeSelectorTerm = Type.Object({
  matchExpressions: maybe(
    Type.Array(Type.Object({ key: Type.String(), operator: Type.String(), values: maybe(strings) })),
  ),
  matchFields: maybe(Type.Array(Type.Unknown())),
});

/** Which nodes a pod may run on. Preferences are not read: they exclude no node. */
const Affinity = Type.Object({
  nodeAffinity: maybe(
    Type.Object({
      requiredDuringSchedulingIgnoredDuringExecution: maybe(
        Type.Object({ nodeSelectorTerms: maybe(Type.Array(NodeSelectorTerm)) }),
      ),
    }),
  ),
});

const PodSpec = Type.Object({
  containers: Type.Array(Container),
  initContainers: maybe(Type.Array(Container)),
  ephemeralContainers: maybe(Type.Array(Type.Object({ volumeMounts: maybe(Type.Array(VolumeMount)) }))),
  volumes: maybe(Type.Array(Volume)),
  resources: maybe(Resources),
  restartPolicy: maybe(Type.String()),
  hostNetwork: maybe(Type.Boolean()),
  hostPID: maybe(Type.Boolean()),
  automountServiceAccountToken: maybe(Type.Boolean()),
  shareProcessNamespace: maybe(Type.Boolean()),
  os: maybe(Type.Object({ name: Type.String() })),
  nodeSelector: maybe(stringMap),
  affinity: maybe(Affinity),
  imagePullSecrets: maybe(Type.Array(Type.Object({ name: maybe(Type.String()) }))),
  serviceAccountName: maybe(Type.String()),
  securityContext: maybe(Type.Object({ runAsUser: maybe(Type.Integer()) })),
});

/** A Pod, or the pod template of a Job, which may have no metadata. */
export const Pod = Type.Object({ metadata: maybe(ObjectMeta), spec: PodSpec });

export type Pod = Static<typeof Pod>;
export type PodSpec = Static<typeof PodSpec>;
export type OwnerReference = Static<typeof OwnerReference>;
export type PodMetadata = Static<typeof ObjectMeta>;
export type Container = Static<typeof Container>;
export type Probe = Static<typeof Probe>;
export type Resources = Static<typeof Resources>;
export type Volume = Static<typeof Volume>;
export type VolumeMount = Static<typeof VolumeMount>;

/** A container and its position in its list. */
export type ContainerAt = { index: number; container: Container };

/** @returns the first container that fits */
export function findContainer(
  containers: readonly Container[],
  fits: (container: Container) => boolean,
): ContainerAt | undefined {
  const index = containers.findIndex(fits);
  const container = containers[index];
  return container && { index, container };
}
