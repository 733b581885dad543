/**
 * What the drawings of the docs share: colors, lines and text. Everything has a fill and a stroke, and the page behind it has one,
 * too, so a drawing is legible on a light and on a dark page.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rendered } from './markdown.ts';

export type Point = [x: number, y: number];

/** Width of a letter of the monospaced font, in pixels: 12 and 11 px. */
export const letterWidth = 7.25;
const smallLetterWidth = 6.65;
const titleLetterWidth = 9.7;

const colors = {
  light: {
    page: '#ffffff',
    ink: '#1f2328',
    muted: '#57606a',
    line: '#57606a',
    lane: '#f6f8fa',
    step: '#ddf4ff',
    app: '#dafbe1',
    folder: '#fff8c5',
    edge: '#8c959f',
  },
  dark: {
    page: '#0d1117',
    ink: '#e6edf3',
    muted: '#9198a1',
    line: '#9198a1',
    lane: '#151b23',
    step: '#0c2d6b',
    app: '#033a16',
    folder: '#3b2300',
    edge: '#656c76',
  },
};

const rules = ({ page, ink, muted, line, lane, step, app, folder, edge }: typeof colors.light) => `
    .page { fill: ${page}; stroke: none }
    .lane { fill: ${lane}; stroke: ${lane} }
    .step { fill: ${step}; stroke: ${edge} }
    .waiting { fill: ${page}; stroke: ${edge}; stroke-dasharray: 4 3 }
    .app { fill: ${app}; stroke: ${edge} }
    .folder { fill: ${folder}; stroke: ${edge} }
    .moment { fill: ${page}; stroke: ${line} }
    .line { fill: none; stroke: ${line} }
    .head { fill: ${line}; stroke: none }
    text { fill: ${ink}; stroke: none }
    .muted { fill: ${muted} }
    .label { stroke: ${page}; stroke-width: 4; paint-order: stroke }`;

/** @param more rules of CSS that only this drawing has */
export function drawSvg(
  title: string,
  [width, height]: [number, number],
  parts: (string | false)[],
  more = { light: '', dark: '' },
): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
  <title>${title}</title>
  <style>
    text { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace }
    .title { font-size: 16px; font-weight: bold }
    .strong { font-weight: bold }
    .small { font-size: 11px }
    .end { text-anchor: end }
    .middle { text-anchor: middle }
    .dashed { stroke-dasharray: 4 3 }${rules(colors.light)}${more.light}
    @media (prefers-color-scheme: dark) {${(rules(colors.dark) + more.dark).replaceAll('\n', '\n  ')}
    }
  </style>
  <defs>
    <marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
      <path class="head" d="M0 0 L8 4 L0 8 z"/>
    </marker>
  </defs>
  <rect class="page" width="${width}" height="${height}"/>
${parts.filter(Boolean).join('\n')}
</svg>
`;
}

export const rectangle = (x: number, y: number, wide: number, high: number, kind: string) =>
  `<rect class="${kind}" x="${x}" y="${y}" width="${round(wide)}" height="${high}" rx="5"/>`;

export const round = (value: number) => Math.round(value * 10) / 10;

/** From point to point, with a head at its end unless it is `plain`. */
export function line(points: Point[], kind = ''): string {
  const path = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join(' ');
  const head = kind.includes('plain') ? '' : ' marker-end="url(#head)"';
  return `<path class="line ${kind}" d="${path}"${head}/>`;
}

/**
 * @param space pixels that the words may take
 * @throws if they take more
 */
export function text(x: number, y: number, words: string, space: number, kind = ''): string {
  const letter = kind.includes('small') ? smallLetterWidth : kind === 'title' ? titleLetterWidth : letterWidth;
  const takes = words.length * letter;
  if (takes > space) throw new Error(`expected at most ${space} px for "${words}", found ${round(takes)}: shorten it`);
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text class="${kind}" x="${round(x)}" y="${y}">${escaped}</text>`;
}

/** @returns an image of the docs, as it is and as it should be */
export function renderImage(name: string, rendered: string): Rendered {
  const file = `docs/images/${name}.svg`;
  const path = join(import.meta.dirname, '..', file);
  return { file, current: existsSync(path) ? readFileSync(path, 'utf8') : '', rendered };
}
