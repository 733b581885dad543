/**
 * `statusPort` of a ProxyConfig, from an annotation or variable that a tenant writes. Istio turns its YAML into JSON, which
 * JSON is, too, and reads that as protobuf. A YAML parser has no place here: on hostile text it takes longer than the
 * square of its length. So this is JSON.parse, or one pass over a part of YAML: what people write, and what YAML means by
 * it for sure. Of the rest (anchors, tags, `?`, quotes and flow that go on over lines) it says nothing.
 * @see https://github.com/istio/istio/blob/1.26.0/pkg/util/protomarshal/protomarshal.go (ApplyYAML)
 */
import { readFlow } from './yaml-flow.ts';
import { type Entries, indentOf, type Line, readLine } from './yaml-line.ts';

/** In UTF-16 code units: ten times what a ProxyConfig with every field takes. */
export const longestProxyConfig = 65_536;

/** @returns the port as written; undefined if there is none, or none for sure */
export function statusPortIn(proxyConfig: string | null | undefined): number | undefined {
  if (!proxyConfig || proxyConfig.length > longestProxyConfig || !/status(?:P|_p)ort/.test(proxyConfig))
    return undefined;
  const entries = readJson(proxyConfig) ?? readYaml(proxyConfig);
  // Protobuf takes both spellings; where both are there, the last to be read is the one that JSON has.
  // https://github.com/golang/protobuf/blob/v1.5.4/jsonpb/decode.go (unmarshalMessage)
  return asPort(entries?.get('statusPort') ?? entries?.get('status_port'));
}

export function asPort(value: unknown): number | undefined {
  const port = typeof value === 'string' && /^(?:0|[1-9]\d{0,4})$/.test(value) ? Number(value) : value;
  return typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65535 ? port : undefined;
}

// --- internal ---

function readJson(text: string): Map<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
  } catch {
    return undefined;
  }
}

/** Of the first document, its scalars without their quotes; undefined where that is nothing sure. */
function readYaml(text: string): Entries | undefined {
  const lines = text.split(/\r?\n/);
  const start = lines.findIndex((line) => !isBlank(line));
  const [marker, besides = ''] = /^---(?:[ \t](.*))?$/.exec(lines[start] ?? '') ?? [];
  const document = marker === undefined ? lines.slice(start) : [besides, ...lines.slice(start + 1)];
  const from = document.findIndex((line) => !isBlank(line));
  if (/^[ \t]*\{/.test(document[from] ?? '')) return readFlowDocument(document.slice(from));
  // A block mapping does not begin on the line of the marker.
  return isBlank(besides) ? readBlock(document) : undefined;
}

const isBlank = (line: string) => /^[ \t]*(?:#|$)/.test(line);
const endsDocument = (line: string) => /^(?:---|\.\.\.)(?:[ \t]|$)/.test(line);

function readFlowDocument(lines: string[]): Entries | undefined {
  const end = lines.findIndex(endsDocument);
  const document = lines.slice(0, end < 0 ? undefined : end).join('\n');
  const flow = readFlow(document.trimStart());
  return flow?.rest.split('\n').every(isBlank) ? flow.entries : undefined;
}

/** A mapping, one key a line; all that is indented deeper belongs to the key above it. */
function readBlock(lines: string[]): Entries | undefined {
  const entries: Entries = new Map();
  let base: number | undefined;
  let key: string | undefined;
  /** Of a running block scalar: its text is indented deeper. */
  let scalarOf: number | undefined;
  for (const text of lines) {
    const indent = indentOf(text);
    if (isBlank(text) || (scalarOf !== undefined && indent > scalarOf)) continue;
    if (endsDocument(text)) break;
    const line = readLine(text);
    base ??= indent;
    const isBelow = indent > base || line?.isItem;
    key = isBelow ? key : line?.key;
    if (!line || indent < base || key === undefined) return undefined;
    entries.set(key, isBelow ? valueBelow(entries.get(key), line) : line.value);
    scalarOf = line.scalarOf;
  }
  return entries;
}

/** A scalar may stand on the line below its key; more than that is no port. */
const valueBelow = (before: string | undefined, { key, isItem, value }: Line) =>
  before === '' && key === undefined && !isItem ? value : '…';
