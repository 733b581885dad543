/** Pushes images to a registry, by its API. @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#push */
import { Agent, fetch } from 'undici';
import type { Content, Image, Index } from './content.ts';

type Target = {
  /** As in `http://127.0.0.1:5000`. */
  origin: string;
  repository: string;
  authorization?: string;
  ca?: string;
};

export async function push(target: Target, tag: string, item: Image | Index): Promise<void> {
  const dispatcher = new Agent(target.ca ? { connect: { ca: target.ca } } : {});
  const call = async (method: string, url: URL, type?: string, body?: Buffer) => {
    const headers = {
      ...(target.authorization && { authorization: target.authorization }),
      ...(type && { 'content-type': type }),
    };
    const response = await fetch(url, { method, dispatcher, headers, body: body ?? null });
    if (!response.ok) throw new Error(`${method} ${url.pathname}: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
    return response;
  };
  const base = `${target.origin}/v2/${target.repository}`;
  const pushBlob = async ({ digest, bytes }: Content) => {
    const upload = await call('POST', new URL(`${base}/blobs/uploads/`));
    const url = new URL(`${upload.headers.get('location')}`, base);
    url.searchParams.set('digest', digest);
    await call('PUT', url, 'application/octet-stream', bytes);
  };
  const pushManifest = ({ mediaType, bytes }: Content, name: string) =>
    call('PUT', new URL(`${base}/manifests/${name}`), mediaType, bytes);
  try {
    for (const image of 'images' in item ? item.images : [item]) {
      await pushBlob(image.layer);
      await pushBlob(image.config);
      await pushManifest(image.manifest, image.manifest.digest);
    }
    await pushManifest(item.manifest, tag);
  } finally {
    await dispatcher.close();
  }
}
