/** Writes docs/images/protocol.svg: the processes of a pod, the files that they share, and who does what with each. */
import { writeRendered } from './markdown.ts';
import { drawSvg, line, type Point, rectangle, renderImage, text } from './svg.ts';

type Box = {
  x: number;
  y: number;
  width: number;
  height: number;
  title: string;
  lines: string[];
  kind: 'step' | 'folder';
};

const boxes = {
  init: process(300, 20, 'clockout-init', 'runs once, before the others'),
  wrapper: process(20, 190, 'wrapper of app NAME', 'process 1 of the app container'),
  guard: process(600, 190, 'guard of sidecar NAME', 'a process in its container'),
  steps: file(300, 150, 'steps/NAME/', 'start, end, urls, proxy', 'a step is done once its file is empty'),
  alive: file(300, 270, 'alive/NAME/alive', 'a FIFO, held open by its owner', 'end of file: the owner is gone'),
  app: process(20, 380, 'app', 'in a session of its own'),
  sidecar: process(600, 380, 'sidecar', 'the proxy, or another one'),
} satisfies Record<string, Box>;

/** From point to point, with its label; a dashed one is a look, which changes nothing. */
const arrows: { points: Point[]; label: string; at: Point; looks?: boolean }[] = [
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
      [560, 50],
      [575, 50],
      [575, 300],
      [560, 300],
    ],
    label: 'makes',
    at: [600, 118],
  },
  {
    points: [
      [240, 205],
      [300, 175],
    ],
    label: 'does its own',
    at: [240, 176],
  },
  {
    points: [
      [300, 215],
      [240, 235],
    ],
    label: 'looks at all',
    at: [286, 250],
    looks: true,
  },
  {
    points: [
      [600, 205],
      [560, 175],
    ],
    label: 'does its own',
    at: [632, 160],
  },
  {
    points: [
      [560, 215],
      [600, 235],
    ],
    label: 'looks at all',
    at: [632, 176],
    looks: true,
  },
  {
    points: [
      [212, 250],
      [212, 325],
      [300, 325],
    ],
    label: 'holds its own',
    at: [255, 318],
  },
  {
    points: [
      [600, 240],
      [560, 320],
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
    at: [94, 330],
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
      [186, 250],
      [186, 355],
      [260, 355],
      [260, 410],
      [600, 410],
    ],
    label: 'asks to exit, if it is the last wrapper',
    at: [430, 402],
  },
];

function process(x: number, y: number, title: string, ...lines: string[]): Box {
  return { x, y, width: x === 300 ? 260 : 220, height: 60, title, lines, kind: 'step' };
}

function file(x: number, y: number, title: string, ...lines: string[]): Box {
  return { x, y, width: 260, height: 80, title, lines, kind: 'folder' };
}

const drawBox = ({ x, y, width, height, title, lines, kind }: Box) => [
  rectangle(x, y, width, height, kind),
  text(x + width / 2, y + 25, title, width, 'middle strong'),
  ...lines.map((words, i) => text(x + width / 2, y + 45 + 18 * i, words, width, 'middle small')),
];

const title = 'The processes of a pod, and the files that they share';

export const renderProtocol = () => [
  renderImage(
    'protocol',
    drawSvg(
      title,
      [840, 460],
      [
        ...Object.values(boxes).flatMap(drawBox),
        ...arrows.flatMap(({ points, label, at: [x, y], looks }) => [
          line(points, looks ? 'dashed' : ''),
          text(x, y, label, 340, 'middle small label'),
        ]),
      ],
    ),
  ),
];

if (globalThis.process.argv[1] === import.meta.filename) writeRendered(renderProtocol());
