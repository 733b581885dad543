/**
 * An image's config: what it runs, and where.
 * @see https://github.com/opencontainers/image-spec/blob/main/config.md
 */
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { otherDigest } from './digest.ts';
import { decodeJson } from './http/decode.ts';
import type { HttpAnswer } from './http/exchange.ts';
import type { Descriptor } from './manifest.ts';
import type { Platform } from './platform.ts';
import type { Result } from './problem.ts';
import type { Session } from './session.ts';

/** `platform` is what the config itself says; old tools left it out. */
export type ImageConfig = { entrypoint: string[]; cmd: string[]; stopSignal?: string; platform: Partial<Platform> };

/** Reads the config that a manifest names, and checks its digest and size. */
export async function fetchImageConfig(
  session: Session,
  { mediaType, digest, size }: Descriptor,
): Promise<Result<ImageConfig>> {
  const path = `blobs/${digest}`;
  const address = new URL(`/v2/${session.source.repository}/${path}`, session.source.origin).href;
  if (!configTypes.includes(mediaType))
    return { ok: false, problem: { kind: 'unsupported', address, found: `a ${mediaType}` } };
  if (size > configLimit)
    return { ok: false, problem: { kind: 'too-large', address, limit: configLimit, unit: 'bytes' } };
  const answer = await session.ask({ method: 'GET', path, accept: '*/*', limit: size });
  return answer.ok ? decodeImageConfig(answer.value, digest) : answer;
}

// --- internal ---

const configTypes = ['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json'];

/** Those of real images have some ten KiB. */
const configLimit = 1024 * 1024;

/** Of ENTRYPOINT and CMD together: Linux runs nothing with one argument as long, and a cache must be able to count on it. */
const commandLimit = 128 * 1024;

const text = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const argv = Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()]));
const schema = Compile(
  Type.Object({
    os: text,
    architecture: text,
    variant: text,
    config: Type.Optional(Type.Union([Type.Object({ Entrypoint: argv, Cmd: argv, StopSignal: text }), Type.Null()])),
  }),
);

function decodeImageConfig(answer: HttpAnswer, digest: string): Result<ImageConfig> {
  const address = answer.url.href;
  const found = otherDigest(answer.body, digest);
  if (found) return { ok: false, problem: { kind: 'wrong-digest', address, expected: digest, found } };
  const decoded = decodeJson(answer, schema, 'an image config');
  if (!decoded.ok) return decoded;
  const { os, architecture, variant, config } = decoded.value;
  const [entrypoint, cmd] = [config?.Entrypoint ?? [], config?.Cmd ?? []];
  if (JSON.stringify([entrypoint, cmd]).length > commandLimit)
    return { ok: false, problem: { kind: 'too-large', address, limit: commandLimit, unit: 'bytes' } };
  const platform = { ...(os && { os }), ...(architecture && { architecture }), ...(variant && { variant }) };
  // The longest name has eleven characters.
  const stopSignal = config?.StopSignal?.slice(0, 20);
  return { ok: true, value: { entrypoint, cmd, ...(stopSignal && { stopSignal }), platform } };
}
