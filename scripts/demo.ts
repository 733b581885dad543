/**
 * `npm run demo`: Clockout at work on this machine, without a cluster. The server, the review, the patch and the wrapper
 * are the real ones; istio-proxy is stood in for by a small HTTP server, and the pod's volumes by a temporary folder.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { patchedPod, reviewOf, showDiff } from './demo/pod.ts';
import { startProxy } from './demo/proxy.ts';
import { askServer, startServer } from './demo/server.ts';
import { findBusybox, runInit, runWrapped } from './demo/wrapper.ts';

const step = (number: number, text: string) => console.log(`\n${styleText('bold', `${number}. ${text}`)}`);
const note = (text: string) => console.log(styleText('dim', `   ${text}`));

const folder = mkdtempSync(join(tmpdir(), 'clockout-demo-'));
const proxy = await startProxy((text) => console.log(styleText('cyan', `   istio-proxy  | ${text}`)));
const server = await startServer(folder);
try {
  step(1, 'The webhook runs, with a certificate that it made for itself.');
  note(`clockout serve: ${server.url}`);

  step(2, 'The API server sends it a new pod of a Job, with the classic sidecar that Istio has put into it.');
  const review = reviewOf(proxy.port);
  const answer = await askServer(server, review);
  const pod = patchedPod(review, answer);
  note(`POST /mutate answers: allowed, with a patch of ${answer.response.patch.length} bytes.`);

  step(3, 'What the patch changes about the pod (the scripts are left out here; they are under src/wrapper/).');
  showDiff(review, pod);

  const busybox = findBusybox();
  if (busybox) {
    step(4, 'The init container lays busybox, the scripts and a FIFO where the app finds them.');
    runInit(pod, folder, busybox);

    step(5, 'The wrapped app starts. It waits for the proxy, runs, and ends with code 5.');
    const code = await runWrapped(pod, folder, (text) => console.log(styleText('yellow', `   app          | ${text}`)));

    step(6, proxy.hasQuit() ? 'The proxy was told to quit, so the pod can end.' : 'The proxy was NOT told to quit.');
    note(
      `The container's exit code is ${code}: the app's own. The Job controller sees a Job that failed with ${code}.`,
    );
    process.exitCode = proxy.hasQuit() && code === 5 ? 0 : 1;
  } else {
    step(4, 'This machine has no busybox, so the wrapper cannot be shown at work here.');
    note('In a cluster it comes from the image busybox:1.37.0-musl. To see it here: apt-get install busybox-static,');
    note('apk add busybox-static, dnf install busybox or zypper install busybox-static, and run the demo again.');
  }
  console.log(
    '\nNext: README.md says how to try it on a cluster, and `npm run -s clockout -- explain -f job.yaml` speaks of your own Jobs.',
  );
} finally {
  server.stop();
  proxy.stop();
  rmSync(folder, { recursive: true, force: true });
}
