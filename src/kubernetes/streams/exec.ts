/** Runs a program in a container, as `kubectl exec` does without a terminal. */
import type { KubeConfig } from '@kubernetes/client-node';
import { isObject, parseObject } from '../../util/json-object.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import { shortened } from '../../util/text.ts';
import type { ApiProblem } from '../api/problem.ts';
import { type Channels, openChannels } from './web-socket.ts';

export type Execution = { namespace: string; name: string; container: string; command: readonly string[] };

/**
 * @param timeout in milliseconds, for the connection and again for the program
 * @returns its exit code, or why it did not run or was not waited for
 */
export async function execute(
  config: KubeConfig,
  { namespace, name, container, command }: Execution,
  timeout: number,
): Promise<Result<number | string, ApiProblem>> {
  let end: (how: number | string) => void = () => {};
  const ended = new Promise<number | string>((resolve) => {
    end = resolve;
  });
  const opened: Result<Channels, ApiProblem> = await openChannels(
    config,
    { resource: 'pods', subresource: 'exec', namespace, name },
    {
      // The API server wants at least one stream.
      query: [['container', container], ['stderr', 'true'], ...command.map((word) => ['command', word] as const)],
      timeout,
      maxBytes: 64 * 1024,
    },
    {
      onData: (channel, bytes) => {
        if (channel === status) end(readStatus(bytes.toString()));
      },
      onClose: (reason) => end(reason ?? 'the connection was closed before its end'),
    },
  );
  if (!opened.ok) return fail(opened.problem);
  const timer = setTimeout(() => end(`it has not ended within ${timeout / 1000} seconds`), timeout);
  const how = await ended;
  clearTimeout(timer);
  opened.value.close();
  return ok(how);
}

// --- internal ---

/** The channel on which the API server says how the program has ended. */
const status = 3;

/** @see https://github.com/kubernetes/kubernetes/blob/v1.35.0/staging/src/k8s.io/client-go/tools/remotecommand/v4.go */
function readStatus(text: string): number | string {
  const found = parseObject(text) ?? {};
  if (found.status === 'Success') return 0;
  const details = isObject(found.details) ? found.details : {};
  const causes = Array.isArray(details.causes) ? details.causes : [];
  const code = causes.find((cause) => isObject(cause) && cause.reason === 'ExitCode')?.message;
  if (typeof code === 'string' && /^\d{1,3}$/.test(code)) return Number(code);
  return typeof found.message === 'string' ? shortened(found.message, 300) : 'it is not known how it ended';
}
