/**
 * Connects to a port of a pod, as `kubectl port-forward` does. The connection comes from the node into the pod's own network, so it
 * also reaches programs that listen only on loopback.
 */
import { Duplex } from 'node:stream';
import type { KubeConfig } from '@kubernetes/client-node';
import { fail, ok, type Result } from '../../util/result.ts';
import { shortened } from '../../util/text.ts';
import type { ApiProblem } from '../api/problem.ts';
import { openChannels } from './web-socket.ts';

export type PodPort = { namespace: string; name: string; port: number };

/** The node could not connect to the port. */
export class PortRefused extends Error {}

/**
 * It is open once the pod's node takes it, which does not mean that anything listens there.
 * @param timeout in milliseconds, until it is open
 * @param maxBytes that may arrive in all
 */
export async function openPort(
  config: KubeConfig,
  { namespace, name, port }: PodPort,
  timeout: number,
  maxBytes = answerBytes,
): Promise<Result<Duplex, ApiProblem>> {
  const seen = new Set<number>();
  const stream = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _, done) => {
      channels?.send(data, chunk);
      done();
    },
    // There is no way to close one direction.
    final: (done) => done(),
    destroy: (error, done) => {
      channels?.close();
      done(error);
    },
  });
  const opened = await openChannels(
    config,
    { resource: 'pods', subresource: 'portforward', namespace, name },
    { query: [['ports', `${port}`]], timeout, maxBytes },
    {
      onData: (channel, bytes) => {
        // What arrives first on each channel is the port, in two bytes.
        const content = seen.has(channel) ? bytes : bytes.subarray(2);
        seen.add(channel);
        if (content.length === 0) return;
        if (channel === data) stream.push(content);
        else stream.destroy(new PortRefused(describeRefusal(port, content.toString())));
      },
      onClose: (reason) => {
        if (reason === undefined) stream.push(null);
        else stream.destroy(new Error(reason));
      },
    },
  );
  const channels = opened.ok ? opened.value : undefined;
  // Nobody may be listening yet when the node finds that the port is closed.
  stream.on('error', () => {});
  return opened.ok ? ok(stream) : fail(opened.problem);
}

// --- internal ---

/** The node's own text begins with the names of files on the node. */
const describeRefusal = (port: number, text: string): string =>
  text.includes('connection refused') ? `nothing listens on port ${port}` : shortened(text, 300);

/** The channel of the bytes. The other one has errors. */
const data = 0;

/** The answer of whatever listens there. Its status is all that is read. */
const answerBytes = 64 * 1024;
