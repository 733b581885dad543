/** Images and indexes as bytes, of OCI's types and of Docker's, for registries that tests run. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** What a registry stores under its digest. */
export type Content = { mediaType: string; digest: string; bytes: Buffer };

export type Image = { manifest: Content; config: Content; layer: Content; platform: ImagePlatform };
export type Index = { manifest: Content; images: Image[] };

type ImagePlatform = { os: string; architecture: string; variant?: string };
type ImageOptions = Partial<ImagePlatform> & {
  entrypoint?: unknown;
  cmd?: unknown;
  docker?: boolean;
  /** Fields of the config, instead of those made here. */
  config?: Record<string, unknown>;
};

export const types = {
  oci: {
    index: 'application/vnd.oci.image.index.v1+json',
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  },
  docker: {
    index: 'application/vnd.docker.distribution.manifest.list.v2+json',
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  },
};

const computeDigest = (bytes: Buffer | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export function content(mediaType: string, value: unknown): Content {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value));
  return { mediaType, digest: computeDigest(bytes), bytes };
}

export const describeContent = ({ mediaType, digest, bytes }: Content) => ({ mediaType, digest, size: bytes.length });

const emptyTar = Buffer.alloc(1024);

/** An image of one layer without files, as a Dockerfile with nothing but ENTRYPOINT and CMD makes it. */
export function makeImage({ os = 'linux', architecture = 'amd64', variant, ...options }: ImageOptions = {}): Image {
  const kind = options.docker ? types.docker : types.oci;
  const platform = { os, architecture, ...(variant && { variant }) };
  const layer = content(kind.layer, gzipSync(emptyTar));
  const config = content(kind.config, {
    ...platform,
    config: {
      ...('entrypoint' in options && { Entrypoint: options.entrypoint }),
      ...('cmd' in options && { Cmd: options.cmd }),
    },
    rootfs: { type: 'layers', diff_ids: [computeDigest(emptyTar)] },
    ...options.config,
  });
  const manifest = content(kind.manifest, {
    schemaVersion: 2,
    mediaType: kind.manifest,
    config: describeContent(config),
    layers: [describeContent(layer)],
  });
  return { manifest, config, layer, platform };
}

/** @param extra entries beside the images, such as attestations */
export function makeIndex(images: Image[], { docker = false, extra = [] as object[] } = {}): Index {
  const mediaType = docker ? types.docker.index : types.oci.index;
  const manifests = [...images.map(({ manifest, platform }) => ({ ...describeContent(manifest), platform })), ...extra];
  return { manifest: content(mediaType, { schemaVersion: 2, mediaType, manifests }), images };
}

/** What BuildKit adds to an index for one of its images. */
export function makeAttestation(subject: Image): { image: Image; entry: object } {
  const image = makeImage({ os: 'unknown', architecture: 'unknown', config: { config: null } });
  const annotations = {
    'vnd.docker.reference.digest': subject.manifest.digest,
    'vnd.docker.reference.type': 'attestation-manifest',
  };
  return { image, entry: { ...describeContent(image.manifest), platform: image.platform, annotations } };
}
