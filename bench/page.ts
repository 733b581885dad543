/** Renders results to docs/benchmarks.md and its pictures. Pure. */
import { table } from '../scripts/markdown.ts';
import { drawPicture } from './picture.ts';
import type { Findings, Machine, Picture, Result } from './result.ts';

type Description = { name: string; title: string; about: string };

const head = `# Benchmarks

\`npm run bench\` measures what Clockout costs, and writes this page. It measures each part and its reference by turns in the same run.
\`npm run bench -- PART…\` measures some parts again; the others keep their last result. Each part says when it was measured, on which
machine, and how busy the machine was: *load* is the number of processes that wanted to run in the minute before. If that is more than the
machine has cores, elapsed times are many times longer than on an idle machine. CPU times are longer, too, because processes evict each
other's data from the CPU's caches, and V8 compiles late. Measure on a machine that does nothing else before you compare figures with those of another run.
`;

/** @param parts all there are, in the order of the page */
export function renderPage(parts: readonly Description[], results: readonly Result[]): string {
  const sections = parts.map((part) =>
    renderSection(
      part,
      results.find((result) => result.part === part.name),
    ),
  );
  return [head, ...sections].join('\n');
}

/** @returns the images that the page shows */
export const renderPictures = (results: readonly Result[]): { file: string; text: string }[] =>
  results.flatMap((result) =>
    'notRun' in result
      ? []
      : result.pictures.map((picture) => ({ file: `docs/${pathOf(picture)}`, text: drawPicture(picture) })),
  );

// --- internal ---

const pathOf = ({ name }: Picture) => `images/bench-${name}.svg`;

function renderSection({ name, title, about }: Description, result: Result | undefined): string {
  const start = [`## ${title}\n`, `${about}\n`];
  if (result === undefined) return [...start, `Not run. \`npm run bench -- ${name}\` measures it.\n`].join('\n');
  const origin = `Measured on ${result.date}: ${renderMachine(result.machine)}.\n`;
  if ('notRun' in result) return [...start, `Not run on ${result.date}: ${result.notRun}\n`].join('\n');
  const { load, cores } = result.machine;
  const busy =
    load > cores ? ['**The machine was busy: the figures are worse than on one that does nothing else.**\n'] : [];
  return [...start, origin, ...busy, ...renderFindings(result)].join('\n');
}

const renderFindings = ({ notes = [], tables, pictures }: Findings): string[] => [
  ...notes.map((note) => `${note}\n`),
  ...pictures.map((picture) => `![${picture.title}](${pathOf(picture)})\n`),
  ...tables.flatMap(({ caption, head, rows }) => [...(caption ? [`${caption}:\n`] : []), table(head, rows)]),
];

const renderMachine = ({ cpu, cores, memoryGibibytes, load, versions }: Machine): string =>
  [
    `${cpu}, ${cores} cores, ${memoryGibibytes} GiB`,
    `load ${load}`,
    ...Object.entries(versions).map(([name, version]) => `${name} ${version}`),
  ].join('; ');
