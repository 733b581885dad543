/** Draws docs/images/request.svg and docs/images/pod-life.svg. A test fails while they differ (npm run generate). */
import { writeRendered } from './markdown.ts';
import { drawSvg, letterWidth, line, rectangle, renderImage, round, text } from './svg.ts';

type Step = { name: string; does: string; folders: string[]; otherwise?: string };

/** The steps of src/admission/admit.ts, and what comes before and after them. */
const steps: Step[] = [
  { name: 'read', does: 'bounds the bytes, parses JSON', folders: ['server'], otherwise: '4xx or 503' },
  { name: 'decode', does: 'AdmissionReview of a new Pod', folders: ['admission'], otherwise: '400' },
  { name: 'facts', does: 'what the pod shows, read once', folders: ['pod'] },
  { name: 'decide', does: 'should this pod be wrapped?', folders: ['decide'], otherwise: 'skipped, with a reason' },
  {
    name: 'entrypoint',
    does: 'manifest, annotation, registry',
    folders: ['entrypoint', 'image-lookup', 'oci'],
    otherwise: 'skipped: no-entrypoint',
  },
  { name: 'plan', does: 'settles every value', folders: ['inject'] },
  { name: 'patch', does: 'JSON Patch operations', folders: ['inject/patch', 'wrapper'] },
  { name: 'check', does: 'applies the patch to a copy', folders: ['admission'], otherwise: '500: failurePolicy' },
  { name: 'respond', does: 'answer, log line, metrics', folders: ['admission', 'server'] },
];

const width = 760;
const folderX = 484;

function drawRequest(): string {
  const box = { x: 214, width: 242, height: 44, gap: 22 };
  const top = 70;
  const rows = steps.map(({ name, does, folders, otherwise }, index) => {
    const y = top + index * (box.height + box.gap);
    const middle = y + box.height / 2;
    return [
      index > 0 &&
        line([
          [box.x + box.width / 2, y - box.gap],
          [box.x + box.width / 2, y - 2],
        ]),
      rectangle(box.x, y, box.width, box.height, 'step'),
      text(box.x + 12, y + 18, name, box.width - 24, 'strong'),
      text(box.x + 12, y + 35, does, box.width - 24),
      otherwise !== undefined &&
        line(
          [
            [box.x, middle],
            [box.x - 26, middle],
          ],
          'dashed',
        ),
      otherwise !== undefined && text(box.x - 32, middle + 4, otherwise, 176, 'end'),
      ...drawFolders(folders, middle - 13),
    ];
  });
  return drawSvg(
    'The path of a request',
    [width, top + steps.length * (box.height + box.gap) - box.gap + 20],
    [
      text(16, 28, 'The path of a request', 400, 'title'),
      text(182, 54, 'instead of a patch', 176, 'end muted'),
      text(box.x + 12, 54, 'step', 60, 'muted'),
      text(folderX, 54, 'folder in src/', 200, 'muted'),
      ...rows.flat(),
    ],
  );
}

/** The folders of a step from left to right, each with an arrow to what it uses. */
function drawFolders(folders: string[], y: number): string[] {
  const gap = 20;
  const widths = folders.map((name) => name.length * letterWidth + 12);
  return folders.flatMap((name, index) => {
    const before = widths.slice(0, index).reduce((sum, each) => sum + each + gap, 0);
    const x = round(folderX + before);
    const wide = widths[index] ?? 0;
    return [
      index > 0 &&
        line([
          [x - gap + 1, y + 13],
          [x - 2, y + 13],
        ]),
      rectangle(x, y, wide, 26, 'folder'),
      text(x + 6, y + 17, name, wide),
    ].filter((part) => part !== false);
  });
}

/** When something happens in the second drawing, from left to right. */
const at = { init: 134, start: 260, ready: 348, exit: 470, sidecar: 566, proxy: 640, end: 740 };

function drawPodLife(): string {
  const lane = (index: number) => 84 + index * 78;
  const names = ['clockout-init', 'app container', 'other sidecar', 'istio-proxy'];
  const moments: [number, string][] = [
    [at.exit, '1'],
    [at.sidecar, '2'],
    [at.proxy, '3'],
  ];
  return drawSvg(
    'The life of a wrapped pod',
    [width, 524],
    [
      text(16, 28, 'The life of a wrapped pod', 400, 'title'),
      text(at.init, 54, 'time, from left to right', 200, 'muted'),
      line([
        [at.init + 190, 50],
        [at.end, 50],
      ]),
      ...names.flatMap((name, index) => [
        rectangle(8, lane(index) - 12, width - 16, 66, 'lane'),
        text(16, lane(index) + 25, name, 110, 'strong'),
      ]),
      ...moments.flatMap(([x, number]) => [
        line(
          [
            [x, 64],
            [x, lane(3) + 58],
          ],
          'dashed plain',
        ),
        `<circle class="moment" cx="${x}" cy="64" r="9"/>`,
        text(x, 68, number, 20, 'middle strong'),
      ]),
      ...bar(at.init, at.start - 6, lane(0), 'step', ['copies tools,', 'makes FIFOs']),
      ...bar(at.start, at.ready, lane(1), 'waiting', ['wrapper', 'waits']),
      ...bar(at.ready, at.exit, lane(1), 'app', ['app runs', '(child process)']),
      ...bar(at.exit, at.proxy, lane(1), 'step', ['wrapper has the', 'exit code, and waits']),
      ...bar(at.start, at.sidecar, lane(2), 'app', ['sidecar runs', 'guard: reads the FIFOs of all containers']),
      ...bar(at.start, at.end, lane(3), 'app', [
        'proxy runs; it is ready before the app starts',
        'guard: waits until the other guards are gone',
      ]),
      ...[
        '1. The app exits. The wrapper keeps its exit code, and marks its end in the state volume.',
        'Killed with its wrapper (SIGKILL, memory)? The kernel closes the FIFO, and each guard sees that.',
        '2. When all apps have ended, each guard asks its sidecar to exit, or sends it SIGTERM.',
        "3. The mesh is last. The proxy is asked to exit, and the wrapper exits with the app's exit code.",
        'No answer within 10 s? The guard sends SIGTERM to pilot-agent. Then the Job completes or fails.',
      ].map((words, index) => text(/^\d/.test(words) ? 16 : 36, 414 + index * 22, words, width - 52)),
    ],
  );
}

/** Two lines of text in a bar of a lane. */
function bar(from: number, to: number, y: number, kind: string, words: string[]): string[] {
  const space = to - from - 8;
  return [
    rectangle(from, y - 4, to - from, 50, kind),
    ...words.map((each, index) => text(from + 6, y + 16 + index * 18, each, space, 'small')),
  ];
}

export const renderArchitecture = () => [renderImage('request', drawRequest()), renderImage('pod-life', drawPodLife())];

if (process.argv[1] === import.meta.filename) writeRendered(renderArchitecture());
