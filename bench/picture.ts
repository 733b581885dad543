/** Draws the pictures of the page. Pure. */
import { drawSvg, letterWidth, line, type Point, round, text } from '../scripts/svg.ts';
import type { Bars, Lines, Picture, Spans } from './result.ts';

export function drawPicture(picture: Picture): string {
  if (picture.kind === 'bars') return drawBars(picture);
  return picture.kind === 'lines' ? drawLines(picture) : drawSpans(picture);
}

// --- internal ---

const width = 760;
const space = width - 40;
/** Of the series, in this order. */
const colors = {
  light: ['#0969da', '#8c959f', '#bf8700', '#8250df'],
  dark: ['#4493f8', '#656c76', '#d29922', '#ab7df8'],
};

const rulesOf = (series: readonly string[]) =>
  series
    .map(
      (color, i) => `
    .series-${i} { fill: ${color}; stroke: none }
    .curve-${i} { fill: none; stroke: ${color}; stroke-width: 2 }`,
    )
    .join('');

const draw = (title: string, size: [number, number], parts: string[]) =>
  drawSvg(title, size, parts, { light: rulesOf(colors.light), dark: rulesOf(colors.dark) });

const show = (value: number): string => {
  if (value >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString('en-US');
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
};

const bar = (x: number, y: number, wide: number, high: number, fill: string) =>
  `<rect class="${fill}" x="${round(x)}" y="${round(y)}" width="${round(Math.max(1, wide))}" height="${high}"/>`;

const drawTitle = (title: string) => text(20, 28, title, space, 'title');

function drawLegend(labels: readonly string[], y: number): string[] {
  let x = 20;
  return labels.flatMap((label, i) => {
    const at = x;
    x += 18 + label.length * letterWidth + 24;
    return [bar(at, y - 10, 12, 12, `series-${i}`), text(at + 18, y, label, space)];
  });
}

/** Horizontal bars: labels of any length stand before them. */
function drawBars({ title, unit, series, groups }: Bars): string {
  const most = Math.max(...groups.flatMap(({ values }) => values));
  const left = 40 + Math.max(...groups.map(({ label }) => label.length)) * letterWidth;
  const room = width - left - 110;
  let y = 78;
  const parts = groups.flatMap(({ label, values }) => {
    const top = y;
    const bars = values.flatMap((value, i) => {
      const wide = (value / most) * room;
      const at = top + i * 17;
      return [bar(left, at, wide, 14, `series-${i}`), text(left + wide + 8, at + 11, show(value), 100, 'small')];
    });
    y += values.length * 17 + 14;
    return [text(left - 12, top + values.length * 8.5 + 3, label, space, 'end'), ...bars];
  });
  return draw(title, [width, y + 10], [drawTitle(`${title} (${unit})`), ...drawLegend(series, 58), ...parts]);
}

function drawLines({ title, x, unit, series }: Lines): string {
  const [left, top, right, bottom] = [80, 80, width - 30, 330];
  const points = series.flatMap((each) => each.points);
  const mostX = Math.max(...points.map(([at]) => at));
  const mostY = niceTop(Math.max(...points.map(([, value]) => value)));
  const place = ([at, value]: Point): Point => [
    round(left + (at / mostX) * (right - left)),
    round(bottom - (value / mostY) * (bottom - top)),
  ];
  const steps = [0, 0.25, 0.5, 0.75, 1];
  const grid = steps.flatMap((part) => {
    const [, y] = place([0, part * mostY]);
    const [across] = place([part * mostX, 0]);
    return [
      line(
        [
          [left, y],
          [right, y],
        ],
        part === 0 ? 'plain' : 'plain dashed',
      ),
      text(left - 8, y + 4, show(part * mostY), 70, 'small end'),
      text(across, bottom + 20, show(part * mostX), 70, 'small middle'),
    ];
  });
  const drawn = series.map(
    (each, i) =>
      `<polyline class="curve-${i}" points="${each.points.map((point) => place(point).join(',')).join(' ')}"/>`,
  );
  const labels = series.map(({ label }) => label);
  return draw(
    title,
    [width, 380],
    [
      drawTitle(`${title} (${unit})`),
      ...drawLegend(labels, 58),
      ...grid,
      ...drawn,
      text((left + right) / 2, bottom + 40, x, space, 'middle'),
    ],
  );
}

function drawSpans({ title, rows }: Spans): string {
  const left = 30 + Math.max(...rows.map(({ label }) => label.length)) * letterWidth;
  const most = Math.max(...rows.flatMap(({ spans }) => spans.map(({ to }) => to)));
  const place = (second: number) => left + (second / most) * (width - left - 70);
  const bottom = 84 + rows.length * 26;
  const seconds = Array.from({ length: Math.floor(most) + 1 }, (_, second) => second);
  return draw(
    title,
    [width, bottom + 40],
    [
      drawTitle(title),
      ...drawLegend(['of Clockout', 'of the app, Istio and Kubernetes'], 58),
      ...seconds.flatMap((second) => [
        line(
          [
            [round(place(second)), 74],
            [round(place(second)), bottom],
          ],
          'plain dashed',
        ),
        text(place(second), bottom + 20, `${second} s`, 60, 'small middle'),
      ]),
      ...rows.flatMap(({ label, spans }, i) => [
        text(left - 10, 96 + i * 26, label, space, 'end'),
        ...spans.map(({ from, to, ours }) =>
          bar(place(from), 84 + i * 26, place(to) - place(from), 16, `series-${ours ? 0 : 1}`),
        ),
        text(place(spans.at(-1)?.to ?? 0) + 8, 96 + i * 26, length(spans), 60, 'small label'),
      ]),
    ],
  );
}

const length = (spans: Spans['rows'][number]['spans']) =>
  `${spans.reduce((sum, { from, to }) => sum + to - from, 0).toFixed(2)} s`;

/** The least number with one digit, and zeros behind it, that is not less. */
function niceTop(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  return Math.ceil(value / unit) * unit;
}
