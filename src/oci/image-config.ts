/**
 * An image's config: what it runs, and where.
 * @see https://github.com/opencontainers/image-spec/blob/main/config.md
 */
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { fail, ok } from '../util/result.ts';
import { findOtherDigest } from './digest.ts';
import { decodeJson } from './http/decode.ts';
import type { HttpAnswer } from './http/exchange.ts';
import type { Descriptor } from './manifest.ts';
import { isConfigType, showMediaType } from './media-types.ts';
import type { Platform } from './platform.ts';
import type { RegistryResult } from './problem.ts';
import type { Session } from './session.ts';

/** `platform` is the config's own; old tools left it out. */
export type ImageConfig = { entrypoint: string[]; cmd: string[]; stopSignal?: string; platform: Partial<Platform> };

/** Reads the config that a manifest names, and checks its digest and size. */
export async function fetchImageConfig(
  session: Session,
  { mediaType, digest, size }: Descriptor,
): Promise<RegistryResult<ImageConfig>> {
  const path = `blobs/${digest}`;
  const address = new URL(`/v2/${session.host.repository}/${path}`, session.host.origin).href;
  if (!isConfigType(mediaType)) {
    const type = showMediaType(mediaType);
    return fail({ kind: 'unsupported', address, found: type ? `of type ${type}` : 'of an unknown type' });
  }
  if (size > configLimit) return fail({ kind: 'too-large', address, limit: configLimit, unit: 'bytes' });
  const answer = await session.ask({ method: 'GET', path, accept: '*/*', limit: size });
  return answer.ok ? decodeImageConfig(answer.value, digest) : answer;
}

// --- internal ---

/** Real images have about ten KiB. */
const configLimit = 1024 * 1024;

/** ENTRYPOINT and CMD together: Linux runs nothing with one argument that long, and the cache relies on the bound. */
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

function decodeImageConfig(answer: HttpAnswer, digest: string): RegistryResult<ImageConfig> {
  const { address } = answer;
  const found = findOtherDigest(answer.body, digest);
  if (found) return fail({ kind: 'wrong-digest', address, expected: digest, found });
  const decoded = decodeJson(answer, schema, 'an image config');
  if (!decoded.ok) return decoded;
  const { os, architecture, variant, config } = decoded.value;
  const [entrypoint, cmd] = [config?.Entrypoint ?? [], config?.Cmd ?? []];
  if (JSON.stringify([entrypoint, cmd]).length > commandLimit)
    return fail({ kind: 'too-large', address, limit: commandLimit, unit: 'bytes' });
  const platform = { ...(os && { os }), ...(architecture && { architecture }), ...(variant && { variant }) };
  // The longest name has eleven characters.
  const stopSignal = config?.StopSignal?.slice(0, 20);
  return ok({ entrypoint, cmd, ...(stopSignal && { stopSignal }), platform });
}
