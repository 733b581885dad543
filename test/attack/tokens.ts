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

/** Each alone, with another one between, and open so often and then closed. Each is `length` long. */
export function hostileTexts(length: number, own: readonly string[] = tokens): Record<string, string> {
  const filled = (unit: string) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
  const texts: Record<string, string> = {};
  own.forEach((token, i) => {
    const next = `${own[(i + 1) % own.length]}`;
    const half = Math.floor(length / 2);
    texts[`${JSON.stringify(token)} repeated`] = filled(token);
    texts[`${JSON.stringify(token)} repeated, then "!"`] = `${filled(token).slice(0, -1)}!`;
    texts[`${JSON.stringify(token)} repeated, then a newline`] = `${filled(token).slice(0, -2)}\n!`;
    texts[`${JSON.stringify(token + next)} repeated`] = filled(token + next);
    texts[`${JSON.stringify(token)} and then ${JSON.stringify(next)}`] =
      filled(token).slice(0, half) + filled(next).slice(half);
  });
  return texts;
}
