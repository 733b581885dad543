/**
 * The API server's own metrics of its webhooks, as the text that it would show: a stand-in, since it counts what only a real one calls.
 * @see https://kubernetes.io/docs/reference/instrumentation/metrics/
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export async function startApiServerMetrics() {
  const began = performance.now();
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(render(performance.now() - began));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

// --- internal ---

const webhook = 'name="namespace.clockout.dev",operation="CREATE",type="admit"';

/** Some calls a second, of which each takes a millisecond or two, and one in seven seconds that failed. */
function render(milliseconds: number): string {
  const calls = Math.round(milliseconds / 200);
  const bucket = (le: string, count: number) =>
    `apiserver_admission_webhook_admission_duration_seconds_bucket{${webhook},rejected="false",le="${le}"} ${count}`;
  const missed = Math.floor(milliseconds / 7000);
  return [
    bucket('0.005', Math.round(calls * 0.97)),
    bucket('0.025', calls),
    bucket('+Inf', calls),
    `apiserver_admission_webhook_admission_duration_seconds_count{${webhook},rejected="false"} ${calls}`,
    `apiserver_admission_webhook_fail_open_count{name="pod.clockout.dev",type="admit"} ${missed}`,
    `apiserver_admission_webhook_rejection_count{${webhook},error_type="calling_webhook_error",rejection_code="0"} ${missed}`,
    '',
  ].join('\n');
}
