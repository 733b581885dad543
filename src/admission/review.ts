/**
 * Answers an AdmissionReview. There is no HTTP here: the server and the CLI both call it.
 * @see https://github.com/kubernetes/api/blob/master/admission/v1/types.go
 */
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { LookupImageConfig } from '../entrypoint/resolve.ts';
import { writeBase64 } from '../inject/patch/patch-base64.ts';
import type { Defaults } from '../pod/annotations/read-defaults.ts';
import { type Strategy, strategies } from '../pod/annotations/table.ts';
import type { Pod } from '../pod/schema.ts';
import { fail, ok, type Result } from '../util/result.ts';
import { shortened } from '../util/text.ts';
import { admitPod, type Settings } from './admit.ts';
import { decodePod } from './decode-pod.ts';
import type { Outcome } from './outcome.ts';
import { type AdmissionResponse, toResponse } from './response.ts';
import { chooseTreatment, type OnUnwrappable, type Treatment } from './treatment.ts';
import { warningBounds } from './warnings.ts';

export { strategies };

const GroupVersionKind = Type.Object({ group: Type.String(), version: Type.String(), kind: Type.String() });

const AdmissionRequest = Type.Object({
  // Kubernetes sends UUIDs, which have 36 characters. The uid is repeated in the answer.
  uid: Type.String({ minLength: 1, maxLength: 128 }),
  kind: GroupVersionKind,
  operation: Type.String(),
  name: Type.Optional(Type.String()),
  namespace: Type.Optional(Type.String()),
  subResource: Type.Optional(Type.String()),
  dryRun: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  object: Type.Unknown(),
});

const AdmissionReview = Type.Object({
  apiVersion: Type.Literal('admission.k8s.io/v1'),
  kind: Type.Literal('AdmissionReview'),
  request: AdmissionRequest,
});

const schema = Compile(AdmissionReview);

export type AdmissionRequest = Static<typeof AdmissionRequest>;

export type AnsweredReview = {
  review: { apiVersion: 'admission.k8s.io/v1'; kind: 'AdmissionReview'; response: AdmissionResponse };
  request: AdmissionRequest;
  pod: Pod;
  outcome: Outcome;
  treatment: Treatment;
};

export type ReviewDeps = {
  settings: Settings;
  onUnwrappable: OnUnwrappable;
  /** Left out if no registry may be asked. */
  lookup?: LookupImageConfig;
  defaultsOf?: DefaultsOf | undefined;
};

/** What the annotations of a namespace set for its pods, as far as they are known. */
export type DefaultsOf = (namespace: string) => Defaults | undefined;

/** What the label clockout.dev/strategy of a pod's namespace says; null: some value that is no strategy. */
export type NamespaceStrategy = Strategy | null;

/** What is known of a review besides its body. */
export type Circumstances = {
  /** How long the answer may take. */
  milliseconds?: number | undefined;
  /** That of the pod's namespace, if it has one. */
  strategy?: NamespaceStrategy | undefined;
  /** Whether Clockout only observes the pod's namespace: it decides, and changes nothing. */
  isObserved?: boolean;
};

/**
 * @returns a problem as a sentence for a body that is not an AdmissionReview v1 of a new pod
 * @throws for a bug of Clockout
 */
export async function admitReview(
  body: unknown,
  { settings, onUnwrappable, lookup, defaultsOf }: ReviewDeps,
  { milliseconds, strategy, isObserved = false }: Circumstances = {},
): Promise<Result<AnsweredReview, string>> {
  const decoded = decodeReview(body);
  if (!decoded.ok) return decoded;
  const { request, pod } = decoded.value;
  const visit = {
    ...(request.namespace && { namespace: request.namespace }),
    ...(milliseconds !== undefined && { milliseconds }),
  };
  const lookupHere: LookupImageConfig | undefined = lookup && ((image, of) => lookup(image, of, visit));
  const namespaceDefaults = defaultsOf?.(request.namespace ?? '');
  const outcome = await admitPod(pod, { from: 'server', strategy, namespaceDefaults }, settings, lookupHere);
  const response = toResponse(request.uid, outcome, onUnwrappable, isObserved);
  const treatment = chooseTreatment(outcome, onUnwrappable, isObserved);
  const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response } as const;
  return ok({ review, request, pod, outcome, treatment });
}

/** The bytes of the answer's JSON, in a fraction of the time of JSON.stringify: Base64 has nothing to escape. */
export function reviewToJson({ response: { patch, ...response }, ...review }: AnsweredReview['review']): Buffer {
  const json = JSON.stringify({ ...review, response });
  if (patch === undefined) return Buffer.from(json);
  const beforePatch = `${json.slice(0, -2)},"patch":"`;
  const bytes = Buffer.allocUnsafe(Buffer.byteLength(beforePatch) + patch.length + afterPatch.length);
  bytes.write(afterPatch, writeBase64(patch, bytes, bytes.write(beforePatch)));
  return bytes;
}

const afterPatch = '"}}';

/** For both webhooks. The problem is a sentence. */
export function decodeReview(body: unknown): Result<{ request: AdmissionRequest; pod: Pod }, string> {
  if (!schema.Check(body)) {
    const error = [...schema.Errors(body)][0];
    const rule = error?.keyword === 'const' ? `must be "${error.params.allowedValue}"` : error?.message;
    return bad(`expected an AdmissionReview of admission.k8s.io/v1; ${error?.instancePath || 'the body'} ${rule}`);
  }
  const { request } = body;
  const { group, version, kind } = request.kind;
  const asked = `${request.operation} of ${[group, version, kind].filter(Boolean).join('/')}${request.subResource ? `/${request.subResource}` : ''}`;
  if (asked !== 'CREATE of v1/Pod')
    return bad(`expected a review of CREATE of v1/Pod, found ${asked}; check the webhook's rules`);
  const pod = decodePod(request.object);
  return pod.ok ? ok({ request, pod: pod.value }) : bad(`request.object is not a Pod: ${pod.problem}`);
}

/** Parts of the problem are text of the caller. */
const bad = (problem: string) => fail(shortened(problem, warningBounds.characters));
