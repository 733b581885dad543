/**
 * Media types of OCI and Docker.
 * @see https://github.com/opencontainers/image-spec/blob/main/media-types.md
 */

const imageTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const configTypes = ['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json'];

export const isImageType = (mediaType: string) => imageTypes.includes(mediaType);
export const isIndexType = (mediaType: string) => indexTypes.includes(mediaType);
export const isConfigType = (mediaType: string) => configTypes.includes(mediaType);
export const isSchema1Type = (mediaType: string) =>
  /^application\/vnd\.docker\.distribution\.manifest\.v1\+(json|prettyjws)$/.test(mediaType);

/** All manifests that can be read: without this header, registries translate into schema 1, or answer that there is nothing. */
export const acceptedTypes = [...indexTypes, ...imageTypes].join(', ');

/** Other types that people push in place of an image, and that proxies answer with. */
const otherTypes = [
  'application/json',
  'application/octet-stream',
  'application/vnd.cncf.helm.config.v1+json',
  'application/vnd.oci.empty.v1+json',
  'application/vnd.wasm.config.v0+json',
  'application/xml',
  'text/html',
  'text/plain',
];

/** @returns undefined for a type that may not be shown: see http/show.ts */
export const showMediaType = (mediaType: string): string | undefined =>
  [...imageTypes, ...indexTypes, ...configTypes, ...otherTypes].find((known) => known === mediaType);
