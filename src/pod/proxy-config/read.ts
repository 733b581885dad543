/**
 * Reads `statusPort` of a ProxyConfig, from an annotation or variable that a tenant writes. Istio turns YAML (or JSON) into JSON,
 * and reads that as protobuf. A YAML parser takes more than the square of the length of hostile text. So this uses JSON.parse, or
 * reads in one pass the part of YAML that people write and that has one meaning. It does not read the rest: anchors, tags, `?`,
 * and quotes or flow over several lines.
 * @see https://github.com/istio/istio/blob/1.26.0/pkg/util/protomarshal/protomarshal.go (ApplyYAML)
 */
import { readFlow } from './yaml-flow.ts';
import { type Entries, indentOf, type Line, readLine } from './yaml-line.ts';

/** In UTF-16 code units: ten times what a ProxyConfig with every field takes. */
export const longestProxyConfig = 65_536;

/** @returns the port as written; undefined if the config sets no port, or if it is not clear which */
export function statusPortIn(proxyConfig: string | null | undefined): number | undefined {
  if (!proxyConfig || proxyConfig.length > longestProxyConfig || !/status(?:P|_p)ort/.test(proxyConfig))
    return undefined;
  const entries = readJson(proxyConfig) ?? readYaml(proxyConfig);
  // Protobuf accepts both spellings. If both are there, it reads JSON's last.
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

/** @returns the scalars of the first document, without their quotes; undefined if they are not certain */
function readYaml(text: string): Entries | undefined {
  const lines = text.split(/\r?\n/);
  const start = lines.findIndex((line) => !isBlank(line));
  const [marker, rest = ''] = /^---(?:[ \t](.*))?$/.exec(lines[start] ?? '') ?? [];
  const document = marker === undefined ? lines.slice(start) : [rest, ...lines.slice(start + 1)];
  const from = document.findIndex((line) => !isBlank(line));
  if (/^[ \t]*\{/.test(document[from] ?? '')) return readFlowDocument(document.slice(from));
  // A block mapping does not begin on the line of the marker.
  return isBlank(rest) ? readBlock(document) : undefined;
}

const isBlank = (line: string) => /^[ \t]*(?:#|$)/.test(line);
const endsDocument = (line: string) => /^(?:---|\.\.\.)(?:[ \t]|$)/.test(line);

function readFlowDocument(lines: string[]): Entries | undefined {
  const end = lines.findIndex(endsDocument);
  const document = lines.slice(0, end < 0 ? undefined : end).join('\n');
  const flow = readFlow(document.trimStart());
  return flow?.rest.split('\n').every(isBlank) ? flow.entries : undefined;
}

/** A mapping with one key per line. Lines with deeper indentation belong to the key above them. */
function readBlock(lines: string[]): Entries | undefined {
  const entries: Entries = new Map();
  let base: number | undefined;
  let key: string | undefined;
  /** The indentation of a block scalar that has begun: its text is indented deeper. */
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

/** A scalar can be on the line below its key. Anything longer is not a port. */
const valueBelow = (before: string | undefined, { key, isItem, value }: Line) =>
  before === '' && key === undefined && !isItem ? value : '…';
