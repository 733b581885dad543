/** Texts to read: manifests in every style that YAML has, with and without damage, and pieces of YAML in any order. */
import fc, { type Arbitrary } from 'fast-check';

const plainWords = [
  ...[
    'a',
    'b',
    'app',
    'x y',
    'a:b',
    'a#b',
    'a #b',
    '-a',
    '?a',
    ':a',
    '.',
    '-',
    '--',
    'é',
    '😀',
    'a\u00a0b',
    "it's",
    '$a',
    'a,b',
  ],
  ...['y', 'no', 'On', 'true', 'False', 'null', '~', 'Null', '', '=', '<<', '2026-11-21', '12:30', '1:2:3.4'],
  ...[
    '0',
    '-0',
    '12',
    '+12',
    '0644',
    '08',
    '0o17',
    '0x1F',
    '0b101',
    '0b-1',
    '-0b+1',
    '1_000',
    '_1',
    '1__2_',
    '0x_1',
    '1e',
    'e3',
    '0x',
  ],
  ...[
    '9007199254740993',
    '9223372036854775807',
    '18446744073709551615',
    '99999999999999999999',
    '-9223372036854775809',
  ],
  ...['1.5', '1.', '.5', '.5_0', '1e3', '1e400', '.5e400', '-1.5E-3', '1.0', '1e6', '123456.7', '1e21'],
];

/** Some of these are refused, or read as something else than a text. */
const oddWords = [
  ...['- a', '---', '...', '.nan', '-.inf', '.Inf', '@a', '`a', '%a', '!a', '&a', '*a', '|', '>', '{{ a }}', '{{a}}'],
  ...['[a', 'a]', '{a', '"a', "'a", 'a: b', 'a:', '- ', '? a', '#a', '{a: b}', '[]', '{}', '[a, b]'],
];

const word = fc.constantFrom(...plainWords);

/** A plain word may mean anything; the others are quoted. */
const scalar: Arbitrary<string> = fc.oneof(
  { weight: 16, arbitrary: word },
  { weight: 1, arbitrary: fc.constantFrom(...oddWords) },
  { weight: 3, arbitrary: word.map((text) => JSON.stringify(text)) },
  { weight: 3, arbitrary: word.map((text) => `'${text.replaceAll("'", "''")}'`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '"a\\\n    b"',
      '"a\\x41\\u00e9\\U0001f600"',
      '"a\\tb\\0"',
      '"a\n\n  b"',
      "'a\n b'",
      '"a\n  "',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'a\n   b',
      'a\n\n     b',
      'a\n     - b',
      'a #b\n     c',
      '"a\\/b"',
      '"\\ud83d\\ude00"',
      'a\n---\nb',
    ),
  },
);

const header = fc
  .tuple(
    fc.constantFrom('|', '>'),
    fc.constantFrom('', '', '-', '+', '2', '-1', '1+', '0'),
    fc.constantFrom('', '', ' ', ' #c', 'a'),
  )
  .map((parts) => parts.join(''));
const blockLines = fc.array(fc.constantFrom('a', ' a', '  a', '', '\ta', '#a', '- a', 'a: b', ' ', 'a '), {
  maxLength: 4,
});

const properties = fc.oneof(
  { weight: 30, arbitrary: fc.constant('') },
  { weight: 3, arbitrary: fc.constantFrom('&x ', '&y ', '!!str ', '!a ', '&x !!str ') },
  fc.constantFrom('!!int ', '!!float ', '!!bool ', '!!null ', '!!binary ', '!!timestamp ', '!!map ', '!!seq '),
  fc.constantFrom(
    '! ',
    '!<tag:yaml.org,2002:str> ',
    '!e!a ',
    '!!str &x ',
    '&x &y ',
    '!!int !!int ',
    '&',
    '!<a ',
    '!!merge ',
  ),
);

const indent = (text: string, by: string) => text.replaceAll('\n', `\n${by}`);

/** Everything starts behind a key or a dash, or at the start of a line. Lines after the first are indented by the caller. */
type Block = { text: string; isBlock: boolean };

const { node } = fc.letrec<{ node: Block; flow: string; map: Block; seq: Block }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    {
      weight: 5,
      arbitrary: fc.tuple(properties, scalar).map(([mark, text]) => ({ text: mark + text, isBlock: false })),
    },
    { weight: 1, arbitrary: fc.constantFrom('*x', '*y', '').map((text) => ({ text, isBlock: false })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(properties, header, blockLines, fc.constantFrom('', ' ', '  '))
        .map(([mark, head, lines, by]) => ({
          text: `${mark}${head}\n${lines.map((line) => by + line).join('\n')}`,
          isBlock: false,
        })),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(properties, tie('flow')).map(([mark, text]) => ({ text: mark + text, isBlock: false })),
    },
    { weight: 4, arbitrary: tie('map') },
    { weight: 3, arbitrary: tie('seq') },
  ),
  flow: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.constantFrom('', '&x a', '? a', '? a : b', ': a', 'a: b', '"a":b', 'a :b', '*x', '<<: *x'),
    fc
      .tuple(
        fc.array(tie('flow'), { maxLength: 3 }),
        fc.constantFrom(', ', ', ', ',', ' ,\n', ',\n  ', '  #c\n,', ''),
        fc.constantFrom('', ',', '\n', ' '),
      )
      .map(([items, comma, end]) => `[${items.join(comma)}${end}]`),
    fc
      .tuple(
        fc.array(fc.tuple(scalar, fc.constantFrom(': ', ': ', ': ', ':', ' : ', ':\n', '', ':\t'), tie('flow')), {
          maxLength: 3,
        }),
        fc.constantFrom(', ', ',', '\n, '),
        fc.constantFrom('', ',', '\n', ' '),
      )
      .map(([pairs, comma, end]) => `{${pairs.map((pair) => pair.join('')).join(comma)}${end}}`),
  ),
  map: fc
    .tuple(
      fc.array(
        fc.tuple(
          fc.oneof(
            { weight: 8, arbitrary: fc.constantFrom('a', 'b', 'c', 'name', 'kind', 'a b') },
            { weight: 3, arbitrary: scalar },
            {
              weight: 1,
              arbitrary: fc.constantFrom(
                '<<',
                '? a\n',
                '*x ',
                '&x a',
                '[a]',
                '{a: b}',
                '!!str a',
                '!!int 1',
                '""',
                '"<<"',
                'a\n',
              ),
            },
          ),
          fc.oneof({ weight: 6, arbitrary: fc.constant(': ') }, fc.constantFrom(':', ':  ', ': #c\n', ' : ', ':\t')),
          tie('node'),
          fc.oneof({ weight: 6, arbitrary: fc.constant('  ') }, fc.constantFrom(' ', '    ', '', '\t')),
          fc.constantFrom('', ' #c', '\n', '\n#c', '\n  #c', ' '),
        ),
        { minLength: 1, maxLength: 4 },
      ),
    )
    .map(([pairs]) => ({
      text: pairs
        .map(([key, colon, { text, isBlock }, by, end]) =>
          isBlock
            ? `${key}:${end.trim() === '' ? '' : ' #c'}\n${by}${indent(text, by)}`
            : `${key}${colon}${indent(text, by)}${end}`,
        )
        .join('\n'),
      isBlock: true,
    })),
  seq: fc
    .tuple(
      fc.array(fc.tuple(fc.constantFrom('- ', '-   ', '-\t', '-'), tie('node'), fc.constantFrom('', ' #c', '\n')), {
        minLength: 1,
        maxLength: 4,
      }),
    )
    .map(([items]) => ({
      text: items.map(([dash, { text }, end]) => `${dash}${indent(text, ' '.repeat(dash.length))}${end}`).join('\n'),
      isBlock: true,
    })),
}));

const separator = fc.constantFrom(
  ...Array<string>(12).fill('\n---\n'),
  '\n--- #c\n',
  '\n---\n---\n',
  '\n...\n',
  '\n...\n---\n',
  '\n--- a\n',
  '\n---#c\n',
  '\n---\r\n',
  '\n',
  '\n--- |\n',
);
const start = fc.oneof(
  { weight: 12, arbitrary: fc.constant('') },
  fc.constantFrom(
    '---\n',
    '# c\n',
    '\ufeff',
    '%YAML 1.1\n---\n',
    '%YAML 1.2\n---\n',
    '%TAG !e! tag:e,1:\n---\n',
    '--- #c\n',
    '...\n',
    '\n\n',
    ' ',
    '\t',
  ),
);

const documents = fc
  .tuple(
    start,
    fc.array(fc.tuple(node, separator), { minLength: 1, maxLength: 3 }),
    fc.constantFrom('\n', '', '\n\n', '\n#', ' '),
  )
  .map(([first, all, end]) => {
    const texts = all.map(([{ text }, between], i) => text + (i < all.length - 1 ? between : ''));
    return first + texts.join('') + end;
  });

const pieces = [
  'a',
  'b',
  'a: ',
  'b:',
  '- ',
  '-',
  '? ',
  ': ',
  ':',
  '\n',
  '\n',
  '\n  ',
  '\n    ',
  '\n ',
  ' ',
  '  ',
  '[',
  ']',
  '{',
  '}',
  ', ',
  ',',
  '"',
  "'",
  '#',
  ' #c',
  '&x ',
  '*x',
  '*x ',
  '!!str ',
  '!a ',
  '|',
  '>',
  '|-\n',
  '>+\n',
  '\t',
  '---',
  '\n---\n',
  '\n...\n',
  '%',
  '<<: ',
  '12',
  '.5',
  'yes',
  '~',
  '\\n',
  '\\',
  '\u2028',
  '\u0085',
  '\u2029 ',
  '😀',
  '\r\n',
  '\r',
  'é',
  '\ufeff',
  '\u0007',
  '@',
  '`',
  '=',
];

const soup = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 24 }).map((all) => all.join(''));

/** One piece goes in somewhere, or some characters go. */
const damaged = fc
  .tuple(documents, fc.nat(), fc.nat(4), fc.constantFrom('', ...pieces))
  .map(([text, at, length, piece]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + piece + text.slice(place + length);
  });

const json = fc
  .tuple(
    fc.array(fc.tuple(fc.json(), fc.constantFrom('', ' ', '\n', '\n---\n', ',')), { minLength: 1, maxLength: 3 }),
    fc.constantFrom(
      '',
      '{"a":"\\/\\ud83d\\ude00\\ud800"}',
      '{"a":1,"a":2}',
      '{"a":18446744073709551616}',
      '{"a": 1,}',
      '\n---\n{"b":\t1}\n',
    ),
  )
  .map(([all, more]) => `{"a":${all.map((parts) => parts.join('')).join('}{"a":')}}${more}`);

const crlf = (text: Arbitrary<string>) => text.map((lines) => lines.replaceAll('\n', '\r\n'));

/** Without halves of surrogate pairs, which UTF-8 does not have, and without a second byte order mark, which confuses go-yaml. */
export const anyText: Arbitrary<string> = fc
  .oneof(
    { weight: 6, arbitrary: documents },
    { weight: 5, arbitrary: damaged },
    { weight: 4, arbitrary: soup },
    { weight: 2, arbitrary: json },
    { weight: 1, arbitrary: crlf(documents) },
  )
  .map((text) => text.toWellFormed().replaceAll(/\ufeff+/g, '\ufeff'));
