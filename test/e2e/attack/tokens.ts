/** Pieces of hostile text: what the readers of a pod's texts look for, and what their grammars nest, alternate and escape. */
export const tokens: readonly string[] = [
  ...['a', '0', '1', '9', 'A', '-', '--', '.', '..', '_', '+', '=', ',', ':', ';', '/', '//', '@', '@@', '~', '#', '%'],
  ...[' ', '\t', '\n', '\r\n', '\r', '\u0000', '\u001b', '\u0085', '\u2028', '\ud83d', '😀', 'é', '\u202e'],
  ...['"', "'", '\\', '\\"', "''", '`', '$', '$$', '$(', ')', '$(A)', '(', '()', '*', '|', '>', '&a ', '*a ', '!', '?'],
  ...['[', ']', '{', '}', '[]', '{}', '[]:', '{}:', '{a: ', '[a, ', '{"a":', '["', '"],', '":"', '{"a":{},', '[[],'],
  ...[
    '? ',
    '- ',
    '- - ',
    '- ? ',
    '? - ',
    ': ',
    ' #',
    '# ',
    '\n#',
    '\n ',
    '\n- ',
    '\n  - ',
    'a: ',
    'a:\n',
    'a:\n a:\n',
    'a: |\n',
  ],
  ...['statusPort', 'statusPort:', 'statusPort: 1\n', ' statusPort: ', '"statusPort":', 'status_port: '],
  ...['1e', '1e1', 'e+', '.1', '1.', '1.1', 'Ki', 'm', '1m', '1s', '1,', 'a,', 'a ,', 'a-', '-a', 'ms'],
  ...['http://', 'http://localhost', 'http://127.0.0.1:1/,', '127.', '127.0.0.1', '[::1]', '%41', 'localhost:', 'xn--'],
  ...['sha256:', '@sha256:', 'a/', '/a', 'a.a/', 'A:', 'a:a', 'cloudsql-docker/gce-proxy', '/cloud-sql-connectors/'],
  ...[
    'csql-',
    'consul-dataplane-',
    'systemd',
    '/s6-svscan',
    'runit-init/',
    '--graceful-port',
    '-admin-port=',
    'clockout',
    '/clockout/',
  ],
];

type Shape = (fill: (unit: string, length?: number) => string, token: string, next: string, length: number) => string;

/** A token alone, with something that does not fit before or after it, with another one between, and with another one after. */
const shapes: Record<string, Shape> = {
  repeated: (fill, token) => fill(token),
  'repeated, then !': (fill, token, _, length) => `${fill(token, length - 1)}!`,
  'repeated, then a newline': (fill, token, _, length) => `${fill(token, length - 2)}\n!`,
  'repeated after a': (fill, token, _, length) => `a${fill(token, length - 1)}`,
  'and the next in turn': (fill, token, next) => fill(token + next),
  'and then the next': (fill, token, next, length) =>
    fill(token, Math.floor(length / 2)) + fill(next, Math.ceil(length / 2)),
};

/** @returns texts of that many UTF-16 code units by what they are; all, or the named */
export function hostileTexts(length: number, names?: readonly string[]): Record<string, string> {
  const fill = (unit: string, most = length) => unit.repeat(Math.ceil(most / unit.length)).slice(0, most);
  const texts: Record<string, string> = {};
  tokens.forEach((token, i) => {
    const next = `${tokens[(i + 1) % tokens.length]}`;
    for (const [shape, make] of Object.entries(shapes)) {
      const name = `${JSON.stringify(token)} ${shape}`;
      if (!names || names.includes(name)) texts[name] = make(fill, token, next, length);
    }
  });
  return texts;
}
