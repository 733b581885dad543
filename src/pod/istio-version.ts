/** The version of Istio by the tag of its proxy's image. */

/** @returns the minor version, as in 24 of 1.24; undefined if the tag does not show one */
export function readIstioMinor(image: string | null | undefined): number | undefined {
  const [name = ''] = (image ?? '').slice(-longestTag).split('@', 1);
  const minor = /:v?1\.(\d{1,3})(?:\D|$)/.exec(name)?.[1];
  return minor === undefined ? undefined : Number(minor);
}

// --- internal ---

/** In UTF-16 code units: a tag has at most 128 characters, and a digest 71. */
const longestTag = 256;
