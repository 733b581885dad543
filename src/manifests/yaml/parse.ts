/**
 * YAML as Kubernetes reads it: version 1.1 (`0644` is 420, `on` is true), but without its dates and base-60 numbers
 * (`12:30` stays a string), and with Go's `0o644`. JSON is read by the same rules: it is YAML in flow style.
 * @see https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/resolve.go
 */
import {
  type Alias,
  Composer,
  type CST,
  Document,
  isDocument,
  isScalar,
  LineCounter,
  Parser,
  type ScalarTag,
  type Tags,
  visit,
  type YAMLError,
} from 'yaml';
import { fail, ok, type Result } from '../../util/result.ts';

export type YamlDocument = Document.Parsed;
export type Position = { line: number; col: number };
/** The value of a document has its aliases and merge keys expanded. */
export type ParsedYaml = {
  documents: { node: YamlDocument; value: unknown }[];
  findPosition: (offset: number) => Position;
};

/** The deepest object definitions of Kubernetes stay below 100. */
const maxDepth = 250;

/** Aliases are expanded, so a few lines could stand for terabytes. */
const maxAliasCount = 2000;

const goOctal: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?0[oO][0-7_]+$/,
  resolve: (text) => Number.parseInt(text.replace(/[_oO]/g, ''), 8),
};

const isRead = (tag: Tags[number]) =>
  typeof tag === 'string' || (tag.tag !== 'tag:yaml.org,2002:timestamp' && !('format' in tag && tag.format === 'TIME'));

/** The forms for numbers also match `.`, `e3` and `0x_`, which are words: an app may well have `.` as an argument. */
function readWordsAsWords(tag: Tags[number]): Tags[number] {
  if (typeof tag === 'string' || tag.collection || !/:(int|float)$/.test(tag.tag)) return tag;
  const { resolve } = tag;
  return {
    ...tag,
    resolve: (...args: Parameters<ScalarTag['resolve']>) => {
      const [text] = args;
      const read: unknown = resolve(...args);
      const number = isScalar(read) ? read.value : read;
      return Number.isNaN(number) && !/nan/i.test(text) ? text : read;
    },
  };
}

const readOptions = {
  version: '1.1',
  customTags: (tags: Tags): Tags => [goOctal, ...tags.filter(isRead).map(readWordsAsWords)],
  keepSourceTokens: true,
  prettyErrors: false,
} as const;

/** @param name of the file, for the problems: `file:line:column: sentence` */
export function parseYaml(name: string, text: string): Result<ParsedYaml, string[]> {
  const lines = new LineCounter();
  const findPosition = (offset: number) => lines.linePos(offset);
  const at = (offset: number, sentence: string) => {
    const { line, col } = findPosition(offset);
    return `${name}:${line}:${col}: ${sentence}`;
  };
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const deep = findTooDeep(tokens);
  if (deep) return fail([at(deep.offset, `nested more than ${maxDepth} levels deep`)]);

  const documents: ParsedYaml['documents'] = [];
  for (const node of new Composer(readOptions).compose(tokens)) {
    if (!isDocument(node)) continue;
    const [error] = node.errors;
    // The errors after the first are mostly its consequences.
    if (error) return fail([at(error.pos[0], describeError(error, text)), ...suggestRendering(text)]);
    const expanded = expand(node as YamlDocument);
    if (!expanded.ok) return fail([at(expanded.problem.offset, expanded.problem.sentence)]);
    documents.push({ node: node as YamlDocument, value: expanded.value });
  }
  return ok({ documents, findPosition });
}

/** How new text is laid out. */
export type BlockStyle = { indent: number; indentSeq: boolean; literals: boolean };

/**
 * Prints in block style. Strings that any reader might take for something else (`12:30`, `y`, `0o17`) are quoted,
 * and characters that some readers refuse, or take for line breaks, are escaped.
 */
export function printYaml(value: unknown, { indent, indentSeq, literals }: BlockStyle): string {
  const document = new Document(value, {
    version: '1.1',
    customTags: (tags: Tags): Tags => [goOctal, ...tags],
    aliasDuplicateObjects: false,
  });
  visit(document, {
    Scalar: (_, node) => {
      // A block literal of nothing but white space would lose some of it.
      const isOdd = (text: string) => unusual.test(text) || text.trim() === '';
      if (typeof node.value === 'string' && isOdd(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  const text = document.toString({ lineWidth: 0, indent, indentSeq, blockQuote: literals ? 'literal' : false });
  return escapeUnusual(text);
}

const unusual = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;

/** For text in which these characters stand in double quotes only. */
export const escapeUnusual = (text: string) =>
  text.replace(new RegExp(unusual, 'g'), (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

// --- internal ---

/** Composing is recursive: text that is nested too deeply would overflow the stack there. */
function findTooDeep(tokens: CST.Token[]): CST.Token | undefined {
  const stack = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { token, depth } = next;
    if (depth > maxDepth) return token;
    const children = 'items' in token ? token.items.flatMap(({ key, value }) => [key, value]) : [];
    if (token.type === 'document') children.push(token.value);
    for (const child of children) if (child) stack.push({ token: child, depth: depth + 1 });
  }
  return undefined;
}

function describeError({ code, message, pos }: YAMLError, text: string): string {
  if (code === 'DUPLICATE_KEY') {
    const key = /^("[^"]*"|'[^']*'|[^\s:]*)/.exec(text.slice(pos[0], pos[0] + 300))?.[0];
    return `the key ${key} is in this mapping twice`;
  }
  return `this is not valid YAML: ${message}`;
}

const suggestRendering = (text: string) =>
  /\{\{.*\}\}/.test(text) ? ['It looks like a template: render it first, for example with `helm template`.'] : [];

function expand(node: YamlDocument): Result<unknown, { offset: number; sentence: string }> {
  const refuse = (sentence: string, offset = node.range[0]) => fail({ offset, sentence });
  try {
    return ok(node.toJS({ maxAliasCount }));
  } catch (error) {
    // What yaml throws for a merge key of something else than maps.
    if (error instanceof Error && /^Merge sources/.test(error.message))
      return refuse('a merge key (<<) takes a map, an alias of one, or a list of these');
    // What it throws for aliases that lead nowhere, and for those that lead to too much.
    if (!(error instanceof ReferenceError)) throw error;
  }
  const unresolved = findUnresolvedAlias(node);
  if (!unresolved)
    return refuse(`its aliases stand for more than can be expanded (${maxAliasCount} copies of one anchor)`);
  const { source, range } = unresolved;
  return refuse(`the alias *${source} has no anchor &${source} before it`, range?.[0]);
}

function findUnresolvedAlias(node: YamlDocument): Alias | undefined {
  const anchors = new Set<string>();
  let found: Alias | undefined;
  visit(node, {
    Node: (_, { anchor }) => void (anchor && anchors.add(anchor)),
    Alias: (_, alias) => {
      if (anchors.has(alias.source)) return undefined;
      found = alias;
      return visit.BREAK;
    },
  });
  return found;
}
