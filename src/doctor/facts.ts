/** What the checks look at: what was read of a cluster, or why it could not be read. */
import type { ApiProblem } from '../kubernetes/api/problem.ts';
import type { Labels, Selector } from '../mesh/label-selector.ts';
import type { Webhook } from '../mesh/webhooks.ts';
import type { Called } from '../util/called.ts';
import type { Result } from '../util/result.ts';

export type Known<T> = Result<T, ApiProblem>;

export type Facts = {
  /** In milliseconds. */
  now: number;
  /** The version of the program that runs the checks. */
  version: string;
  /** Whether Clockout is still to be installed (`--pre`). */
  isBefore: boolean;
  /** Where Clockout is expected; undefined: anywhere. */
  namespace: string | undefined;
  /** As the API server tells it, such as `v1.35.4`; empty if it tells none. */
  apiServer: Known<string>;
  /** How advice names a command of this program. */
  called: Called;
  nodes: Known<NodeFacts[]>;
  namespaces: Known<NamespaceFacts[]>;
  /** All MutatingWebhookConfigurations of the cluster. */
  configurations: Known<Configuration[]>;
  /** The installation that is checked, if there is one. */
  installation: Installation | undefined;
  /** Services that Clockout's configurations name: those that do not exist. */
  missingServices: readonly ServiceName[];
  /** What an install needs, and whether the caller may do it. Only before an install. */
  installRights: Known<Right[]> | undefined;
  image: ImageFacts;
  /** What became of pods that were created as a dry run. */
  probes: Probes;
  /** What the pods of `--node` found; undefined without it. */
  nodeProbes: readonly NodeProbe[] | undefined;
};

export type NodeFacts = {
  name: string;
  /** Of its kubelet. */
  version: string;
  os: string;
  architecture: string;
  isReady: boolean;
  /** The names of images that it has, as far as it says. */
  images: readonly string[];
};

export type NamespaceFacts = { name: string; labels: Labels };

export type ServiceName = { namespace: string; name: string };

/** A MutatingWebhookConfiguration. */
export type Configuration = {
  name: string;
  labels: Labels;
  /** The Certificate whose CA cert-manager's cainjector writes into it, as its namespace and its name. */
  caFrom: string | undefined;
  /** Those that are for new pods. */
  webhooks: readonly Webhook[];
  /** How many webhooks it has, for whatever resource. */
  count: number;
  /** Whom its webhooks call, each one once. */
  targets: readonly Target[];
};

export type Target = {
  /** The name of the webhook. */
  webhook: string;
  /** undefined: an address outside of the cluster. */
  service: (ServiceName & { port: number }) | undefined;
  /** In PEM; empty if it is not set. */
  caBundle: string;
};

export type Installation = {
  service: ServiceName;
  /** The webhook configurations that call this Service. */
  configurations: readonly Configuration[];
  ports: Known<ServicePort[] | undefined>;
  endpoints: Known<EndpointFacts>;
  deployment: Known<DeploymentFacts | undefined>;
  pods: Known<PodFacts[]>;
  budgets: Known<BudgetFacts[]>;
  policies: Known<PolicyFacts[]>;
  /** Where API servers listen, and the nodes' own addresses. */
  controlPlane: Known<ControlPlane>;
  /** What each replica says of itself. */
  replicas: Known<ReplicaFacts[]>;
  /** What cert-manager keeps for it; undefined in the other certificate modes. */
  issued: Known<IssuedCertificate> | undefined;
  /** What its service account needs, and whether it may do it. */
  rights: Known<Right[]>;
};

/** Of an object of cert-manager, by its condition Ready and what that says. */
export type Readiness = { isThere: boolean; isReady: boolean; says: string };

export type IssuedCertificate = {
  /** Its namespace and its name. */
  source: string;
  certificate: Readiness;
  /** Undefined if it is not one of cert-manager's own. */
  issuer?: Readiness & { kind: string; name: string };
};

export type ServicePort = { port: number; target: number | string };

export type EndpointFacts = { ready: number; notReady: number; ports: readonly number[] };

export type DeploymentFacts = {
  name: string;
  labels: Labels;
  wanted: number;
  ready: number;
  podLabels: Labels;
  image: string;
  serviceAccount: string;
  /** Of its container; a flag counts as its variable. */
  env: Readonly<Record<string, string>>;
};

export type PodFacts = {
  name: string;
  labels: Labels;
  isReady: boolean;
  /** Why its container does not run, if it does not. */
  waiting: string | undefined;
  ports: readonly { name: string; port: number }[];
  usesHostNetwork: boolean;
};

export type BudgetFacts = { name: string; selector: Selector };

/** A NetworkPolicy that is about Clockout's pods. */
export type PolicyFacts = {
  name: string;
  /** undefined: it does not say anything about that direction. */
  ingress: readonly PolicyRule[] | undefined;
  egress: readonly PolicyRule[] | undefined;
};

export type PolicyRule = {
  /** Of TCP; undefined: all of them. */
  ports: readonly { from: number | string; to: number | undefined }[] | undefined;
  /** Empty: everybody. */
  peers: readonly { cidr: string | undefined; except: readonly string[] }[];
};

export type ControlPlane = { addresses: readonly string[]; port: number; nodes: readonly string[] };

/** What a replica presents at its port for the webhook, and says at its port for metrics. */
export type ReplicaFacts = {
  pod: string;
  certificate: Known<ServedCertificate>;
  /** The sentence of /readyz. */
  readiness: Known<{ isReady: boolean; says: string }>;
  /** From its metrics. */
  version: Known<string>;
};

export type ServedCertificate = {
  /** Why a client with the CA of the configuration does not trust it, as Node.js names it; undefined if it does. */
  problem: string | undefined;
  notBefore: number;
  notAfter: number;
  /** Names and addresses that it is valid for. */
  names: readonly string[];
};

export type Right = {
  verb: string;
  /** As `kubectl auth can-i` takes it. */
  resource: string;
  /** undefined: in all namespaces, or none. */
  namespace: string | undefined;
  /** Why it is needed. */
  why: string;
  isAllowed: boolean;
};

export type ImageFacts = {
  /** Not known if the installation could not be read that says it. */
  reference: Known<string>;
  /** Whether nodes ask the registry for it each time, also if they have it. */
  isPulledAlways: boolean;
  /** What its registry says to the caller; undefined if it was not asked. */
  answer: Result<{ platforms: readonly string[] }, ImageProblem> | undefined;
  /** Pods that wait for it, and what their kubelets say. */
  waiting: Known<{ pod: string; says: string }[]>;
};

/** `isSure`: nodes would get the same answer. */
type ImageProblem = { isSure: boolean; message: string };

export type Probes = {
  /** Pods of Jobs with a sidecar, which Clockout should wrap: one for each webhook; none without an installation. */
  samples: Known<ProbeAnswer>[];
  /** A pod with a native sidecar: whether a webhook drops the field that makes it native. */
  native: Known<ProbeAnswer> | undefined;
  /** A pod of a Job that has opted out of Clockout, in a namespace where Istio injects. */
  istio: Known<ProbeAnswer> | undefined;
};

export type ProbeAnswer = {
  namespace: string;
  /** Whether the pod asks for Clockout by a label of its own. */
  isByLabel: boolean;
  /** The pod, unchecked, or the sentence with which it was refused. */
  answer: Result<Record<string, unknown>, string>;
};

export type NodeProbe = {
  node: string;
  /** The pod that is still there, because it could not be deleted, and why. */
  left?: { pod: string; namespace: string; message: string };
  /** What its pod wrote, or why it wrote nothing. */
  outcome: Result<NodeReport, { isSure: boolean; message: string }>;
};

export type NodeReport = {
  /** Whether a program runs from an emptyDir. */
  runs: boolean;
  /** Whether two containers share a FIFO. */
  sharesFifo: boolean;
  readsProc: boolean;
  /** Whether /bin/busybox needs a loader of the image. */
  isDynamic: boolean;
};
