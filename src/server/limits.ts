/**
 * What a caller can make the server hold. docs/limits.md has the same numbers, and the attacks of test/e2e/attack run against
 * them under the chart's memory limit of 192 MiB. Of that, a replica that serves ordinary reviews takes 65 MiB; the cache
 * of images may take 32.
 */

const KiB = 1024;
const MiB = 1024 * KiB;

/**
 * The API server takes objects of up to 3 MiB (its limit for a request to etcd), a review may carry two of them, and
 * 1 MiB is for the rest of it.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.35.0/staging/src/k8s.io/apiserver/pkg/server/config.go
 */
export const bodyBytes = 7 * MiB;

/**
 * Reviews recorded from real clusters have up to 600 values and 14 levels; a pod of 30 containers has ten times as many
 * values. V8 takes ten times as long for a key that it has not
 * seen before as for any other value, so keys have a bound of their own: 200 containers with 100 variables each have 45,000.
 */
export const jsonBounds = { values: 300_000, keys: 50_000, depth: 150 } as const;

/** A review up to this size never waits for a larger one. Recorded ones have 10 KiB and a weight of 130, with a mesh's sidecar. */
export const ordinary = { bytes: 32 * KiB, weight: 256 * KiB } as const;

/**
 * Bytes of bodies that are arriving. One that waits is not read, but Node.js has read up to `unread` bytes of it and what
 * came with them, in pieces of a byte if the client likes: that is 6 MiB. The Job controller creates 30 pods at once at most
 * (its `--kube-api-burst`): they find room with 270 KiB each, before any of them waits.
 * @see https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
 */
export const arrivingRoom = { total: 16 * MiB, large: 8 * MiB, waiting: 10 } as const;
export const unread = 12 * KiB;

/** Weight of reviews that are being answered. Each that waits holds room of those that arrive. */
export const answeringRoom = { total: 40 * MiB, large: 24 * MiB, waiting: 1000 } as const;

/**
 * What a review takes while it is answered: its texts, in two bytes a character at worst, its values, which are 30 to 120
 * bytes each when parsed, and its answer, with 1 KiB for each container, as text and encrypted. A container takes 60 µs, too.
 */
export const weightOf = (bytes: number, values: number, items: number) => 2 * bytes + 64 * values + 4 * KiB * items;

/** Where a pod's containers, volumes and the like stand in a review: `{request: {object: {spec: {containers: [{`. */
export const itemDepth = 6;

/**
 * How long a body may take while others wait for its room, in milliseconds. It is slow before, once it has taken `grace` and
 * more than a second for each `pace` bytes that have arrived. The largest one is never slow, if it comes at that pace.
 */
export const patience = 1000;
export const grace = 100;
export const pace = 8 * MiB;

export type ConnectionLimits = {
  /** How many may be open that have asked for nothing yet. */
  newcomers: number;
  /** How many may be open of those that have sent a whole request. */
  known: number;
};

/**
 * An idle one takes 52 KiB. An API server keeps up to 25 idle ones, and opens more while it has more to ask; there are
 * rarely more than five.
 * @see https://github.com/kubernetes/client-go/blob/v0.35.0/transport/cache.go (idleConnsPerHost)
 */
export const webhookConnections: ConnectionLimits = { newcomers: 320, known: 256 };

/** Of the kubelet, and of whoever scrapes. */
export const operationsConnections: ConnectionLimits = { newcomers: 64, known: 32 };

export type ReadLimits = {
  /** So many are read at a time, one group after the other. */
  inTurn: number;
  /** Those that came last, or were answered last, are always read: a new client needs four reads to ask for something. */
  latest: number;
};

/** While no more than these are open, all are read as they come. A connection can make each read of it take 3 ms. */
export const newcomersRead: ReadLimits = { inTurn: 16, latest: 16 };
export const knownRead: ReadLimits = { inTurn: 16, latest: 16 };

/** How long such a group is read, in milliseconds, and until what came on it has been dealt with: all have had a turn after 20. */
export const readTurn = 1;

/** After a turn that took so many milliseconds of CPU, half as many are read. An ordinary large review takes 20. */
export const costlyTurn = 50;

/**
 * How many requests of one connection may be without an answer. The API server sends the next after the answer; the second
 * is for a client that sends it before the whole answer has reached it.
 */
export const pipelined = 2;

/** How many ordinary reviews are answered in a turn of the event loop while others wait: they take some 5 ms. */
export const answersPerTurn = 8;

/** How often arriving requests are looked at, in milliseconds. A connection on which that happens twice may be closed for others. */
export const slowLook = 500;

/**
 * Bytes of answers that clients have not taken, and that the kernel or Node.js holds, of all connections together. An answer has
 * 20 KB. It is not looked for before so much was sent since the last look that it could be over.
 */
export const mostUnread = 16 * MiB;
export const worthALook = 4 * MiB;

/** For so many milliseconds after an answer, an idle connection is not closed for others. */
export const rest = 2000;

/** How long a client may take to begin with TLS, and how long to take its answer, in milliseconds. */
export const stalled = 10_000;
