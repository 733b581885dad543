/** Writes docs/images/protocol.svg: the processes of a pod, the files that they share, and who does what with each. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const protocolImage = join(import.meta.dirname, '../docs/images/protocol.svg');

type Box = {
  x: number;
  y: number;
  width: number;
  height: number;
  title: string;
  lines: string[];
  kind: 'process' | 'file';
};

const boxes = {
  init: process(310, 20, 'clockout-init', 'runs once, before the others'),
  wrapper: process(20, 190, 'wrapper of app NAME', 'process 1 of the app container'),
  guard: process(600, 190, 'guard of sidecar NAME', 'a process in its container'),
  steps: file(310, 150, 'steps/NAME/', 'start, end, urls, proxy', 'a step is done once its file is empty'),
  alive: file(310, 270, 'alive/NAME/alive', 'a FIFO, held open by its owner', 'end of file: the owner is gone'),
  app: process(20, 380, 'app', 'in a session of its own'),
  sidecar: process(600, 380, 'sidecar', 'the proxy, or another one'),
} satisfies Record<string, Box>;

/** From point to point, with its label; a dashed one is a look, which changes nothing. */
const arrows: { points: [x: number, y: number][]; label: string; at: [x: number, y: number]; looks?: boolean }[] = [
  {
    points: [
      [430, 80],
      [430, 150],
    ],
    label: 'makes',
    at: [455, 118],
  },
  {
    points: [
      [550, 50],
      [575, 50],
      [575, 300],
      [550, 300],
    ],
    label: 'makes',
    at: [600, 118],
  },
  {
    points: [
      [240, 205],
      [310, 175],
    ],
    label: 'does its own',
    at: [258, 178],
  },
  {
    points: [
      [310, 215],
      [240, 235],
    ],
    label: 'looks at all',
    at: [280, 248],
    looks: true,
  },
  {
    points: [
      [600, 205],
      [550, 175],
    ],
    label: 'does its own',
    at: [632, 160],
  },
  {
    points: [
      [550, 215],
      [600, 235],
    ],
    label: 'looks at all',
    at: [632, 176],
    looks: true,
  },
  {
    points: [
      [200, 250],
      [200, 325],
      [310, 325],
    ],
    label: 'holds its own',
    at: [250, 318],
  },
  {
    points: [
      [600, 240],
      [550, 320],
    ],
    label: 'holds, reads all',
    at: [635, 285],
  },
  {
    points: [
      [90, 250],
      [90, 380],
    ],
    label: 'starts, passes signals on',
    at: [91, 330],
  },
  {
    points: [
      [710, 250],
      [710, 380],
    ],
    label: 'asks to exit, or SIGTERM',
    at: [710, 320],
  },
  {
    points: [
      [170, 250],
      [170, 355],
      [260, 355],
      [260, 410],
      [600, 410],
    ],
    label: 'asks to exit, if it is the last wrapper',
    at: [430, 402],
  },
];

function process(x: number, y: number, title: string, ...lines: string[]): Box {
  return { x, y, width: x === 310 ? 240 : 220, height: 60, title, lines, kind: 'process' };
}

function file(x: number, y: number, title: string, ...lines: string[]): Box {
  return { x, y, width: 240, height: 80, title, lines, kind: 'file' };
}

const text = (x: number, y: number, words: string, name: string) =>
  `<text class="${name}" x="${x}" y="${y}" text-anchor="middle">${words}</text>`;

const drawBox = ({ x, y, width, height, title, lines, kind }: Box) => [
  `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="${kind === 'process' ? 8 : 0}"/>`,
  text(x + width / 2, y + 25, title, 'title'),
  ...lines.map((line, i) => text(x + width / 2, y + 45 + 18 * i, line, 'line')),
];

/** Colours of its own on a background of its own: the page around it may be light or dark. */
const style = `
text { font: 13px sans-serif; fill: #1f2328; }
.title { font-weight: bold; }
.line, .label { font-size: 12px; }
.label { paint-order: stroke; stroke: #ffffff; stroke-width: 4; }
.background { fill: #ffffff; }
.process { fill: #ddf4ff; stroke: #0969da; }
.file { fill: #fff8c5; stroke: #9a6700; }
.arrow { fill: none; stroke: #57606a; stroke-width: 1.5; }
.looks { stroke-dasharray: 5 4; }
.head { fill: #57606a; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.label { stroke: #0d1117; }
.background { fill: #0d1117; }
.process { fill: #0c2d6b; stroke: #58a6ff; }
.file { fill: #341a00; stroke: #d29922; }
.arrow { stroke: #9198a1; }
.head { fill: #9198a1; }
}`;

/** The text of docs/images/protocol.svg. */
export function drawProtocol(): string {
  const head = '<path class="head" d="M0 0 L10 5 L0 10 z"/>';
  return `${[
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 840 460" role="img" aria-label="The processes of a pod, and the files that they share">',
    `<style>${style}\n</style>`,
    `<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">${head}</marker></defs>`,
    '<rect class="background" width="840" height="460"/>',
    ...Object.values(boxes).flatMap(drawBox),
    ...arrows.flatMap(({ points, label, at, looks }) => [
      `<polyline class="arrow${looks ? ' looks' : ''}" points="${points.map((point) => point.join(',')).join(' ')}" marker-end="url(#head)"/>`,
      text(...at, label, 'label'),
    ]),
    '</svg>',
  ].join('\n')}\n`;
}

if (import.meta.url === pathToFileURL(globalThis.process.argv[1] ?? '').href) {
  mkdirSync(join(import.meta.dirname, '../docs/images'), { recursive: true });
  writeFileSync(protocolImage, drawProtocol());
}
