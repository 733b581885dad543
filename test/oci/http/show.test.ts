/** Server texts reach a problem only through these; hostile.test.ts sends secrets back in every field of an answer. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { showCode, showPointer, showUrl } from '../../../src/oci/http/show.ts';
import { showMediaType } from '../../../src/oci/media-types.ts';
import { showPlatform } from '../../../src/oci/platform.ts';

describe('a URL is shown', () => {
  it.each([
    ['https://user:pass@r.example.com:5000/v2/a?token=y#z', 'https://r.example.com:5000/v2/a'],
    ['https://r.example.com/', 'https://r.example.com/'],
    ['javascript:alert(1)', 'javascript:alert(1)'],
  ])('%s as %s', (url, shown) => expect(showUrl(new URL(url))).toBe(shown));

  it('in at most 400 characters', () =>
    expect(showUrl(new URL(`https://r.example.com/${'a'.repeat(5000)}`))).toHaveLength(400));
});

describe('only words on a list are shown', () => {
  it.each([
    ['a code', showCode('MANIFEST_UNKNOWN'), 'MANIFEST_UNKNOWN'],
    ['another code', showCode('hunter2'), undefined],
    ['a code that is not a text', showCode(['DENIED']), undefined],
    ['a code in another case', showCode('denied'), undefined],
    ['a media type', showMediaType('text/html'), 'text/html'],
    ['another media type', showMediaType('application/hunter2'), undefined],
    ['a platform', showPlatform({ os: 'linux', architecture: 'arm64', variant: 'v8' }), 'linux/arm64/v8'],
    ['no platform', showPlatform({}), 'unknown'],
    ['another system', showPlatform({ os: 'hunter2', architecture: 'amd64' }), 'another platform'],
    ['another architecture', showPlatform({ os: 'linux', architecture: 'hunter2' }), 'another platform'],
    ['another variant', showPlatform({ os: 'linux', architecture: 'arm', variant: 'hunter2' }), 'another platform'],
    ['where a schema does not fit', showPointer('/config/Cmd/1'), '/config/Cmd/1'],
    ['a whole that does not fit', showPointer(''), 'whole'],
    ["a registry's own key", showPointer('/manifests/0/annotations/hunter2\n/x'), '/manifests/0/annotations'],
  ])('%s', (_, shown, expected) => expect(shown).toBe(expected));

  it('whatever a server writes', () =>
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String({ minLength: 8 })), (text) => {
        const shown = [
          showCode(text),
          showMediaType(text),
          showPlatform({ os: text, architecture: text, variant: text }),
          showPlatform({ os: 'linux', architecture: text }),
          showPointer(`/manifests/0/annotations/${text}`),
        ].join(' ');
        if (text.length > 7) expect(shown).not.toContain(text);
      }),
    ));
});
