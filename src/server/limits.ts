/**
 * Bounds on what a caller can make the server hold. docs/limits.md has the same numbers, and the attacks of test/e2e/attack run
 * against them under the chart's memory limit of 192 MiB. A replica that serves ordinary reviews needs 65 MiB of that; the cache
 * of images may need another 32 MiB.
 */

const KiB = 1024;
const MiB = 1024 * KiB;

/**
 * The API server accepts objects of up to 3 MiB (its limit for a request to etcd). A review may hold two of them, and 1 MiB is
 * for the rest of it.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.35.0/staging/src/k8s.io/apiserver/pkg/server/config.go
 */
export const maxBodyBytes = 7 * MiB;

/**
 * Reviews recorded from real clusters have up to 600 values and 14 levels; a pod of 30 containers has ten times as many values.
 * V8 needs ten times as long for a key that it has not seen before as for any other value, so keys have a bound of their own: 200
 * containers with 100 variables each have 45,000, and 65,000 values.
 */
export const jsonBounds = { values: 100_000, keys: 50_000, depth: 150 } as const;

/**
 * A review up to this size never waits for a larger one. Recorded ones, with a mesh's sidecar, have 10 KiB and a weight of 130
 * KiB.
 */
export const ordinary = { bytes: 32 * KiB, weight: 256 * KiB } as const;

/**
 * Bytes of bodies that are arriving. The server does not read a body that waits, but Node.js has already read up to
 * `unreadBytes` of it and the data that came with them. A client can send these in pieces of a byte, which makes them 6 MiB.
 * The Job controller creates at most 30 pods at once (its `--kube-api-burst`): there is room for 270 KiB each before one waits.
 * @see https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
 */
export const arrivingRoom = { total: 16 * MiB, large: 8 * MiB, waiting: 10 } as const;
export const unreadBytes = 12 * KiB;

/** Weight of reviews that are being answered. Each review that waits also holds room among the arriving ones. */
export const answeringRoom = { total: 40 * MiB, large: 24 * MiB, waiting: 1000 } as const;

/**
 * The memory that a review needs until it is answered: its texts, at worst two bytes a character; its values, 30 to 120 bytes
 * each when parsed; and its answer, 1 KiB for each container, as text and encrypted. A container also needs 60 µs.
 */
export const computeWeight = (bytes: number, values: number, items: number) =>
  2 * bytes + 64 * values + 4 * KiB * items;

/** The level of containers, volumes and the like in a review: `{request: {object: {spec: {containers: [{`. */
export const itemDepth = 6;

/**
 * How long a body may take while others wait for its room. After this time the server refuses it. It counts as slow earlier: once
 * it has taken `graceMilliseconds` plus one second for each `paceBytesPerSecond` bytes that have arrived. At that pace even the
 * largest body is never slow.
 */
export const maxArrivalMilliseconds = 1000;
export const graceMilliseconds = 100;
export const paceBytesPerSecond = 8 * MiB;

export type ConnectionLimits = {
  /** How many open connections may have sent no whole request yet. */
  newcomers: number;
  /** How many open connections may have sent a whole request. */
  known: number;
};

/**
 * An idle connection needs 52 KiB. An API server keeps up to 25 idle connections, and opens more while it has more reviews to
 * send. A cluster rarely has more than five API servers.
 * @see https://github.com/kubernetes/client-go/blob/v0.35.0/transport/cache.go (idleConnsPerHost)
 */
export const webhookConnections: ConnectionLimits = { newcomers: 320, known: 256 };

/** For the kubelet, and for Prometheus. */
export const operationsConnections: ConnectionLimits = { newcomers: 64, known: 32 };

export type ReadLimits = {
  /** How many connections the server reads at a time, one group after the other. */
  inTurn: number;
  /** The connections that came last, or were answered last, are always read: a new client needs four reads to send a request. */
  latest: number;
};

/** The server reads all connections at once while there are no more than these. One connection can make each read take 3 ms. */
export const newcomersRead: ReadLimits = { inTurn: 16, latest: 16 };
export const knownRead: ReadLimits = { inTurn: 16, latest: 16 };

/** A group is read for this long, and until all that arrived has been handled. All groups have had a turn after 20 ms. */
export const readTurnMilliseconds = 1;

/** After a turn that took this much CPU time, the next group is half as large. An ordinary large review takes 20 ms. */
export const costlyTurnMilliseconds = 50;

/**
 * How many requests of one connection may be unanswered. The API server sends its next request after the answer. The second
 * request is for a client that sends it before the whole answer has reached it.
 */
export const maxPipelined = 2;

/** How many ordinary reviews the server answers in one turn of the event loop while others wait. They take about 5 ms. */
export const answersPerTurn = 8;

/** How often the server checks for slow requests. If two checks find a request arriving, its connection may be closed for others. */
export const slowCheckMilliseconds = 500;

/**
 * Bytes of answers that clients have not read and that the kernel or Node.js holds, for all connections together. An answer has
 * 20 KB. To measure takes milliseconds, so the server does it only if it has sent so much that the bound could be passed.
 */
export const maxUnreadAnswerBytes = 16 * MiB;

/** For this long after an answer, an idle connection is not closed for others. */
export const restMilliseconds = 2000;

/** How long a client may take to begin with TLS, and how long to read its answer. */
export const stalledMilliseconds = 10_000;
