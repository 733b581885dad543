/**
 * Manifests and indexes, of OCI and of Docker.
 * @see https://github.com/opencontainers/image-spec/blob/main/manifest.md
 * @see https://distribution.github.io/distribution/spec/manifest-v2-2/
 */
import { type Static, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { fail, ok } from '../util/result.ts';
import { computeDigest, digestPattern, findOtherDigest, isDigest } from './digest.ts';
import { decodeJson, invalidAnswer } from './http/decode.ts';
import { type HttpAnswer, readHeader } from './http/exchange.ts';
import { acceptedTypes, isImageType, isIndexType, isSchema1Type, showMediaType } from './media-types.ts';
import type { RegistryProblem, RegistryResult } from './problem.ts';
import type { Session } from './session.ts';

const optional = <T extends TSchema>(type: T) => Type.Optional(Type.Union([type, Type.Null()]));
/** A bound on what is kept while an image is read; platforms and types are short. */
const maxText = 255;
const maxEntries = 1000;

const text = optional(Type.String({ maxLength: maxText }));
const absent = Type.Optional(Type.Never());

const Descriptor = Type.Object({
  mediaType: Type.String({ maxLength: maxText }),
  digest: Type.String({ pattern: digestPattern }),
  size: Type.Integer({ minimum: 0 }),
});

const Entry = Type.Object({
  ...Descriptor.properties,
  platform: optional(Type.Object({ os: text, architecture: text, variant: text })),
  annotations: optional(Type.Record(Type.String(), Type.String())),
  artifactType: text,
});

const version = { schemaVersion: Type.Literal(2), mediaType: text };
// Content that is both an image and an index is one thing to us and another to the node:
// https://github.com/opencontainers/distribution-spec/security/advisories/GHSA-mc8v-mgrf-8f4m
const imageSchema = Compile(Type.Object({ ...version, config: Descriptor, manifests: absent }));
const indexSchema = Compile(
  Type.Object({ ...version, manifests: Type.Array(Entry, { maxItems: maxEntries }), config: absent, layers: absent }),
);

/** Content in the same repository. */
export type Descriptor = Static<typeof Descriptor>;

/** What an index says of one of its manifests. */
export type IndexEntry = Static<typeof Entry>;

/** `digest` is the manifest's own; `address` is what problems call it. */
export type Manifest = { digest: string; address: string } & (
  | { kind: 'image'; config: Descriptor }
  | { kind: 'index'; entries: IndexEntry[] }
);

/** BuildKit's mark on what it says about an image. */
export const referenceType = 'vnd.docker.reference.type';

/**
 * Reads a manifest, and checks its digest, size and type.
 * @param name a tag or a digest
 * @param size what an index says of it, in bytes
 */
export async function fetchManifest(
  session: Session,
  name: string,
  size = manifestLimit,
): Promise<RegistryResult<Manifest>> {
  const limit = Math.min(size, manifestLimit);
  const answer = await session.ask({ method: 'GET', path: `manifests/${name}`, accept: acceptedTypes, limit });
  return answer.ok ? decodeManifest(answer.value, name.includes(':') ? name : undefined) : answer;
}

// --- internal ---

/** As much as registries must take. @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests */
const manifestLimit = 4 * 1024 * 1024;

function decodeManifest(answer: HttpAnswer, wanted: string | undefined): RegistryResult<Manifest> {
  // Parameters such as a charset do not matter.
  const type = readHeader(answer, 'content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  const problem = problemOfType(answer, type) ?? problemOfDigest(answer, wanted);
  if (problem) return fail(problem);
  const decoded = isIndexType(type) ? decodeIndex(answer) : decodeImage(answer);
  if (!decoded.ok) return decoded;
  const { mediaType, ...content } = decoded.value;
  if (mediaType && mediaType !== type) return fail(invalidAnswer(answer, type, nameType(mediaType)));
  return ok({ ...content, digest: wanted ?? computeDigest(answer.body), address: answer.address });
}

function decodeIndex(answer: HttpAnswer) {
  const decoded = decodeJson(answer, indexSchema, 'an image index');
  if (!decoded.ok) return decoded;
  const { mediaType, manifests } = decoded.value;
  return ok({ mediaType, kind: 'index' as const, entries: manifests.map(withoutMore) });
}

/** Annotations, URLs and data may be of any length. */
function withoutMore({ mediaType, digest, size, platform, annotations, artifactType }: IndexEntry): IndexEntry {
  const reference = annotations?.[referenceType];
  return {
    mediaType,
    digest,
    size,
    artifactType: artifactType ?? null,
    platform: platform
      ? { os: platform.os ?? null, architecture: platform.architecture ?? null, variant: platform.variant ?? null }
      : null,
    annotations: reference === undefined ? null : { [referenceType]: reference.slice(0, maxText) },
  };
}

function decodeImage(answer: HttpAnswer) {
  const decoded = decodeJson(answer, imageSchema, 'an image manifest');
  if (!decoded.ok) return decoded;
  const { mediaType, config } = decoded.value;
  const { digest, size } = config;
  return ok({ mediaType, kind: 'image' as const, config: { mediaType: config.mediaType, digest, size } });
}

function problemOfType(answer: HttpAnswer, type: string): RegistryProblem | undefined {
  if (isImageType(type) || isIndexType(type)) return undefined;
  if (isSchema1Type(type)) return { kind: 'unsupported', address: answer.address, found: 'an image of schema 1' };
  return invalidAnswer(answer, 'an OCI or Docker manifest', nameType(type));
}

const nameType = (type: string) =>
  type === '' ? 'no content type' : (showMediaType(type) ?? 'an unknown content type');

function problemOfDigest(answer: HttpAnswer, wanted: string | undefined): RegistryProblem | undefined {
  for (const expected of [wanted, readHeader(answer, 'docker-content-digest')]) {
    const found = expected === undefined ? undefined : findOtherDigest(answer.body, expected);
    if (expected && found)
      return {
        kind: 'wrong-digest',
        address: answer.address,
        expected: isDigest(expected) ? expected : 'another one',
        found,
      };
  }
  return undefined;
}
