/**
 * Draws docs/images/dashboard.svg: the panels of the Grafana dashboard, from what their queries answered in a real run, which
 * `RECORD=1 npm run test:alerts` keeps in docs/images/dashboard.json.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeRendered } from './markdown.ts';
import { drawSvg, rectangle, renderImage, round, text } from './svg.ts';

type Answer = {
  type: 'stat' | 'timeseries';
  title: string;
  grid: { x: number; y: number; w: number; h: number };
  unit: string;
  decimals?: number;
  series: { name: string; points: [second: number, value: number][] }[];
};
type Recorded = { seconds: number; panels: Answer[] };

const recorded = join(import.meta.dirname, '..', 'docs', 'images', 'dashboard.json');

/** Of Grafana's grid, which has 24 columns, in pixels. */
const cell = { width: 40, height: 21 };
const gap = 6;
const margin = 10;

/** Of a panel, in pixels. */
const head = 32;
const left = 64;
const legend = 16;

const MiB = 1024 * 1024;

export function renderDashboard() {
  const { seconds, panels }: Recorded = JSON.parse(readFileSync(recorded, 'utf8'));
  const height = Math.max(...panels.map(({ grid }) => grid.y + grid.h)) * cell.height;
  const drawn = panels.flatMap((panel) => drawPanel(panel, seconds));
  return [
    renderImage('dashboard', drawSvg('The dashboard', [24 * cell.width + 2 * margin, height + 2 * margin], drawn)),
  ];
}

// --- internal ---

type Area = { x: number; y: number; width: number; height: number };

function drawPanel(panel: Answer, seconds: number): string[] {
  const { grid, title, type } = panel;
  const area = {
    x: margin + grid.x * cell.width + gap / 2,
    y: margin + grid.y * cell.height + gap / 2,
    width: grid.w * cell.width - gap,
    height: grid.h * cell.height - gap,
  };
  return [
    rectangle(area.x, area.y, area.width, area.height, 'lane'),
    text(area.x + 8, area.y + 16, title, area.width - 16, 'strong small'),
    ...(type === 'stat' ? drawStat(panel, area) : drawSeries(panel, area, seconds)),
  ];
}

function drawStat({ series, unit, decimals }: Answer, { x, y, width, height }: Area): string[] {
  const value = series[0]?.points.at(-1)?.[1];
  const shown = value === undefined ? 'no data' : formatValue(decimals === 0 ? Math.round(value) : value, unit);
  return [text(x + width / 2, y + head + (height - head) / 2 + 4, shown, width - 16, 'title middle')];
}

function drawSeries({ series, unit }: Answer, area: Area, seconds: number): string[] {
  const shown = series.slice(0, shades.length);
  const plot = {
    x: area.x + left,
    y: area.y + head,
    width: area.width - left - 12,
    height: area.height - head - legend - 10,
  };
  const scale = unit === 'bytes' ? MiB : 1;
  const top = scale * ceiling(Math.max(0, ...shown.flatMap(({ points }) => points.map(([, value]) => value / scale))));
  const at = ([second, value]: [number, number]) =>
    `${round(plot.x + (second / seconds) * plot.width)} ${round(plot.y + (1 - value / top) * plot.height)}`;
  return [
    ...[0, top / 2, top].flatMap((value) => {
      const y = round(plot.y + (1 - value / top) * plot.height);
      return [
        `<path class="line" style="opacity: 0.25" d="M${plot.x} ${y} L${plot.x + plot.width} ${y}"/>`,
        text(plot.x - 6, y + 4, formatValue(value, unit), left - 8, 'end small muted'),
      ];
    }),
    ...shown.map(({ points }, i) => `<path class="line" style="${shadeOf(i)}" d="${pathOf(points, at, seconds)}"/>`),
    ...drawLegend(shown, area),
  ];
}

/** A line breaks where Prometheus had no value for a while. */
function pathOf(points: [number, number][], at: (point: [number, number]) => string, seconds: number): string {
  const longest = seconds / 20;
  return points
    .map((point, i) => {
      const before = points[i - 1];
      return `${before && point[0] - before[0] <= longest ? 'L' : 'M'}${at(point)}`;
    })
    .join(' ');
}

/** As many names as there is room for. */
function drawLegend(series: Answer['series'], { x, y, width, height }: Area): string[] {
  const line = y + height - 8;
  const parts: string[] = [];
  let from = x + 8;
  for (const [i, { name }] of series.entries()) {
    const takes = 22 + name.length * 6.65 + 12;
    if (name === '' || from + takes > x + width) break;
    parts.push(
      `<path class="line" style="${shadeOf(i)}" d="M${round(from)} ${line - 4} L${round(from + 16)} ${line - 4}"/>`,
      text(from + 22, line, name, takes, 'small'),
    );
    from += takes;
  }
  return parts;
}

/** Legible on a light and on a dark page. */
const shades = ['#3b82d6', '#d9822b', '#3a9a5b', '#a855c7', '#d64545', '#1b9aaa', '#8a7a2f', '#7a7f87'];
const shadeOf = (index: number) => `stroke: ${shades[index]}; stroke-width: 1.6`;

/** The next number with one digit that is 1, 2 or 5. */
function ceiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5].find((digit) => value <= digit * power) ?? 10);
}

/** As Grafana shows its units. */
function formatValue(value: number, unit: string): string {
  const short = (number: number) => `${Number(number.toPrecision(3))}`;
  switch (unit) {
    case 's':
      if (value >= 86_400) return `${short(value / 86_400)} days`;
      return value > 0 && value < 1 ? `${short(value * 1000)} ms` : `${short(value)} s`;
    case 'bytes':
      return `${short(value / MiB)} MiB`;
    case 'reqps':
      return `${short(value)}/s`;
    case 'percentunit':
      return `${short(value * 100)} %`;
    default:
      return short(value);
  }
}

if (process.argv[1] === import.meta.filename) writeRendered(renderDashboard());
