/** Inputs that are nearly right: real ones with some edits. fast-check shrinks them to fewer edits. */
import fc from 'fast-check';

type Json = unknown;
type Edit = { at: number; way: number; other: number; value: Json };

/** Values that readers trip over. */
const odd: readonly Json[] = [
  ...[
    null,
    true,
    0,
    -1,
    1e300,
    2 ** 53,
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\u202e',
    '$(A)',
    '$',
    '/',
    '~',
    '..',
    '{}',
    '[]',
  ],
  ...[
    'Always',
    'Never',
    'OnFailure',
    'istio-proxy',
    'clockout-init',
    'clockout',
    'true',
    '0x10',
    '1e3',
    'x'.repeat(300),
  ],
  ...[
    'http://127.0.0.1:1/',
    '500ms',
    '2m',
    '__proto__',
    'constructor',
    ['a'],
    [null],
    [[]],
    {},
    { name: 'a' },
    { a: {} },
  ],
];

/** @param bases real values; an edit replaces, removes, repeats or swaps a part, or takes one from another base */
export function mutatedJson(bases: readonly Json[]): fc.Arbitrary<Json> {
  const edit = fc.record<Edit>({
    at: fc.nat(100_000),
    way: fc.nat(4),
    other: fc.nat(100_000),
    value: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...odd) }, fc.jsonValue({ maxDepth: 2 })),
  });
  return fc
    .tuple(fc.constantFrom(...bases), fc.array(edit, { maxLength: 6 }), fc.constantFrom(...bases))
    .map(([base, edits, donor]) => {
      const root = { value: structuredClone(base) };
      for (const each of edits) applyEdit(root, each, donor);
      // As it comes from the wire.
      return JSON.parse(JSON.stringify(root.value ?? null)) as Json;
    });
}

/** @param bases real texts; an edit removes or repeats a range, inserts a token, or takes a range from another base */
export function mutatedText(bases: readonly string[], tokens: readonly string[]): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.nat(100_000),
    length: fc.nat(40),
    way: fc.nat(3),
    token: fc.constantFrom(...tokens),
  });
  return fc
    .tuple(fc.constantFrom(...bases), fc.array(edit, { maxLength: 6 }), fc.constantFrom(...bases))
    .map(([base, edits, donor]) =>
      edits.reduce((text, { at, length, way, token }) => {
        const start = at % (text.length + 1);
        const end = Math.min(text.length, start + length);
        const from = at % (donor.length + 1);
        const put = ['', text.slice(start, end).repeat(2), token, donor.slice(from, from + length)][way] ?? '';
        return text.slice(0, start) + put + text.slice(way === 2 ? start : end);
      }, base),
    );
}

// --- internal ---

type Place = { parent: Record<string, Json> | Json[]; key: string };

function applyEdit(root: { value: Json }, { at, way, other, value }: Edit, donor: Json): void {
  const places = listPlaces(root);
  const place = places[at % places.length];
  if (!place) return;
  const given = listPlaces({ value: donor });
  const edits = [
    () => put(place, structuredClone(value)),
    () => put(place, copyOf(places[other % places.length])),
    () => put(place, copyOf(given[other % given.length])),
    () => remove(place),
    () => repeat(place, typeof value === 'string' ? value : 'name'),
  ];
  edits[way % edits.length]?.();
}

function remove({ parent, key }: Place): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
}

/** Once more in a list, or under another name. */
function repeat(place: Place, name: string): void {
  const { parent, key } = place;
  if (Array.isArray(parent)) parent.splice(Number(key), 0, copyOf(place));
  else put({ parent, key: name }, copyOf(place));
}

/** Also under the name `__proto__`, as JSON.parse does. */
const put = ({ parent, key }: Place, value: Json): void => {
  Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
};

const copyOf = (place: Place | undefined): Json =>
  place && structuredClone((place.parent as Record<string, Json>)[place.key]);

function listPlaces(value: Json, places: Place[] = []): Place[] {
  if (typeof value !== 'object' || value === null) return places;
  for (const [key, child] of Object.entries(value)) {
    places.push({ parent: value as Place['parent'], key });
    listPlaces(child, places);
  }
  return places;
}
