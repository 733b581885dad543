/**
 * Finds the oldest kubelet of a cluster. The API server sends the nodes as the rows that `kubectl get nodes` shows, a fiftieth of
 * the objects: about 300 bytes a node, and 30 once packed.
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
 */
import type { KubeConfig } from '@kubernetes/client-node';
import { createObjectCutter } from './cut-objects.ts';
import { readKubeletMinor } from './minor-version.ts';
import { streamAnswer } from './stream-answer.ts';

export type KnownNode = {
  name: string;
  /** Of its kubelet, as the node reports it. */
  version: string;
  /** undefined if the version is none that Clockout knows. Such a node counts as the oldest. */
  minor: number | undefined;
};

type Selected = {
  /** Label selector of the nodes that count. */
  selector: string;
  signal: AbortSignal;
};

/**
 * Needs `list` on nodes.
 * @returns undefined if there are no such nodes
 * @throws if they could not all be read
 */
export async function readOldestNode(
  config: KubeConfig,
  { selector, signal }: Selected,
): Promise<KnownNode | undefined> {
  let oldest: KnownNode | undefined;
  let next: string | undefined;
  do {
    const rows = createRowReader((node) => {
      if (oldest === undefined || isOlder(node, oldest)) oldest = node;
    });
    const query = { ...everything, labelSelector: selector, ...(next === undefined ? anyVersion : { continue: next }) };
    for await (const chunk of streamAnswer(config, { path: '/api/v1/nodes', query, accept, maxBytes, signal })) {
      rows.add(chunk);
    }
    next = rows.finish();
  } while (next);
  return oldest;
}

// --- internal ---

/** No other format: a NodeList would be fifty times as large. */
const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';

const everything = { includeObject: 'None', limit: '500' };

/**
 * The API server then answers from its memory, at once and with all nodes: it obeys the limit only if it has to ask etcd, where
 * each node costs as much as its whole object.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.35.4/staging/src/k8s.io/apiserver/pkg/storage/cacher/cacher.go
 */
const anyVersion = { resourceVersion: '0' };

/** Of 100,000 nodes, unpacked. */
const maxBytes = 32 * 1024 * 1024;

const isOlder = (a: KnownNode, b: KnownNode) => (a.minor ?? 0) < (b.minor ?? 0);

/** For a row that is too large to read. */
const unknownNode: KnownNode = { name: '', version: '', minor: undefined };

/** As far as Clockout reads it. Rows come after the definitions of their columns. */
type TablePart = { name?: unknown; cells?: unknown; continue?: unknown };

function createRowReader(onNode: (node: KnownNode) => void) {
  const columns: unknown[] = [];
  let next: string | undefined;
  const cutter = createObjectCutter((text) => {
    if (text === undefined) return onNode(unknownNode);
    const part: TablePart = JSON.parse(text);
    if (Array.isArray(part.cells)) onNode(readNode(part.cells, columns));
    else if (part.name !== undefined) columns.push(part.name);
    else if (typeof part.continue === 'string') next = part.continue;
  });
  return {
    add: cutter.add,
    /** @returns the token for the next page, if there is one */
    finish: () => {
      if (!cutter.isComplete() || !columns.includes('Version')) throw new Error('its answer is not a Table of nodes');
      return next;
    },
  };
}

function readNode(cells: readonly unknown[], columns: readonly unknown[]): KnownNode {
  const name = `${cells[columns.indexOf('Name')]}`;
  const version = `${cells[columns.indexOf('Version')]}`;
  return { name, version, minor: readKubeletMinor(version) };
}
