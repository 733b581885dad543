/**
 * Writes the tables that come from the code into README.md and docs/, between `<!-- table: NAME -->` and
 * `<!-- /table -->`. `node scripts/docs.ts` brings them up to date; a test fails while they are not.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeBound, warningBounds } from '../src/admission/warnings.ts';
import { settings } from '../src/config/settings.ts';
import { reasons, type SkipReason, unwrappable } from '../src/decide/reasons.ts';
import { groups } from '../src/doctor/check.ts';
import { checks } from '../src/doctor/checks.ts';
import { longestQuantity } from '../src/inject/quantity.ts';
import { longestReference } from '../src/oci/reference.ts';
import { optionTable } from '../src/pod/annotations/table.ts';
import { longestUrl, loopbackUrlsForm, mostUrls } from '../src/pod/annotations/values.ts';
import { podBounds } from '../src/pod/bounds.ts';
import { longestProxyConfig } from '../src/pod/proxy-config/read.ts';
import type { Known } from '../src/pod/sidecars/end.ts';
import { knownSidecars } from '../src/pod/sidecars/find-known.ts';
import { otherForm, stages, stageTitles } from '../src/pod/sidecars/native.ts';
import { policyLimits } from '../src/policy/limits.ts';
import { longestLine } from '../src/telemetry/line.ts';
import { metricTable } from '../src/telemetry/metrics.ts';

import { type Rendered, table, writeRendered } from './markdown.ts';

const root = join(import.meta.dirname, '..');

const tables: Record<string, () => string> = {
  settings: () =>
    table(
      ['Variable', 'Flag', 'Value of the chart', 'Default', 'Expected', 'Meaning'],
      settings.map(({ variable, flag, chart, default: preset, kind, description }) => [
        `\`${variable}\``,
        `\`${flag}\``,
        chart === 'unset' ? '–' : `\`${'value' in chart ? chart.value : chart.template}\``,
        preset === undefined ? '–' : `\`${preset}\``,
        kind.expects,
        description,
      ]),
    ),
  annotations: () =>
    table(
      ['Annotation', 'Value', 'Default', 'Meaning'],
      Object.entries(optionTable).map(([name, { expected, default: preset, about }]) => [
        `\`clockout.dev/${name}\``,
        expected,
        preset,
        about,
      ]),
    ),
  metrics: () =>
    table(
      ['Metric', 'Labels', 'Meaning'],
      Object.values<{ name: string; help: string; labelNames?: readonly string[] }>(metricTable).map(
        ({ name, help, labelNames = [] }) => [
          `\`${name}\``,
          labelNames.map((label) => `\`${label}\``).join(', ') || '–',
          help,
        ],
      ),
    ),
  reasons: () =>
    table(
      ['Reason', 'What it means', 'Warned about'],
      Object.entries(reasons).map(([token, sentence]) => [
        `\`${token}\``,
        sentence,
        unwrappable.has(token as SkipReason) ? 'yes' : 'no',
      ]),
    ),
  limits: () =>
    table(
      ['What', 'At most', 'What happens above that', 'Why this number'],
      [...podLimits, ...textLimits].map(([what, most, over, because]) => [
        what,
        most.toLocaleString('en'),
        over,
        because,
      ]),
    ),
  checks: () =>
    groups
      .flatMap((group) => [
        `## ${group}`,
        ...checks
          .filter((check) => check.group === group)
          .flatMap(({ id, about, remedy, needs, when }) => [
            `### \`${id}\``,
            `${about}${whens[when]}`,
            `**What to do:** ${remedy}`,
            `**Rights:** ${needs}.`,
          ]),
      ])
      .join('\n\n'),
  policyLimits: () => policyLimits.map((limit) => `- ${limit}`).join('\n'),
  sidecars: () =>
    table(
      ['Sidecar', 'Container', 'Ended by'],
      knownSidecars.map((known) => [`[${known.title}](${known.source})`, describeRecognition(known), known.ended]),
    ),
  stages: () =>
    table(
      ['Starts', 'What', 'Which', 'The app waits for it'],
      stages.map((stage, i) => {
        const inStage = knownSidecars.filter(
          ({ native = otherForm, end }) => native.stage === stage && end({ name: '' }, {}).by !== 'itself',
        );
        const gated = inStage.filter(({ native }) => native?.gate).map(({ title }) => title);
        const sourced = inStage.map(({ title, native }) => (native?.source ? `[${title}](${native.source})` : title));
        return [`${i + 1}`, stageTitles[stage], sourced.join(', ') || '–', gated.join(', ') || 'no'];
      }),
    ),
};

/** When a check is made, where that is not always. */
const whens = {
  always: '',
  before: ' This check runs only with `--pre`.',
  after: ' This check does not run with `--pre`.',
  node: ' This check runs only with `--node`.',
};

/** By which names and image a sidecar is recognised. */
function describeRecognition({ names, image }: Known): string {
  const shown = names.map((name) => `\`${name.replace('*', '…')}\``).join(', ');
  return [shown, image && `image \`…/${image}\``].filter(Boolean).join(', or ');
}

type Limit = [what: string, most: number, over: string, because: string];

const podLimits = Object.values(podBounds).map(
  (bound): Limit => [
    bound.of,
    bound.most,
    `the pod is skipped as \`too-large\`, with the warning "${describeBound(bound, 'N')}"`,
    bound.why,
  ],
);

const overUrls = `the pod is skipped as \`invalid-annotation\`, with the warning "clockout.dev/quit-urls: expected ${loopbackUrlsForm}; found …"`;

const textLimits: Limit[] = [
  [
    'URLs in clockout.dev/quit-urls',
    mostUrls,
    overUrls,
    'a pod with three unknown sidecars needs three URLs; this is about three times as many',
  ],
  [
    'characters of a URL in clockout.dev/quit-urls',
    longestUrl,
    overUrls,
    'five times the longest URL of a known sidecar',
  ],
  [
    'characters of the annotation proxy.istio.io/config or the variable PROXY_CONFIG',
    longestProxyConfig,
    'Clockout does not read statusPort in it, and uses the port 15020',
    'ten times as long as a ProxyConfig with every field',
  ],
  [
    'characters of a resource quantity such as `500m`',
    longestQuantity,
    'Clockout treats it as not set',
    'ten times the longest that people write',
  ],
  [
    'characters of an image reference',
    longestReference,
    `the pod is skipped as \`no-entrypoint\`, and no registry is asked, with the warning "invalid image reference …: it has N characters, more than ${longestReference}"`,
    'more than the longest host, repository, tag and digest together',
  ],
  [
    'warnings in an answer',
    warningBounds.count,
    'a last warning says how many others there are: "and N more"',
    'kubectl shows each warning on a line of its own',
  ],
  [
    'characters of a warning, or of the message of a refusal',
    warningBounds.characters,
    'it is cut',
    'if all warnings together have more than 4,096 characters, the API server cuts each of them to 256',
  ],
  [
    'bytes of a line in the log',
    longestLine,
    'its texts and lists are cut',
    'container runtimes split lines at 16 KiB',
  ],
];

/** Every document that has such a table, with its text as it is and as it should be. */
export function renderDocs(): Rendered[] {
  const docs = existsSync(join(root, 'docs')) ? readdirSync(join(root, 'docs')).map((name) => join('docs', name)) : [];
  return ['README.md', ...docs]
    .filter((file) => file.endsWith('.md') && existsSync(join(root, file)))
    .map((file) => {
      const current = readFileSync(join(root, file), 'utf8');
      return { file, current, rendered: renderTables(current, file) };
    });
}

function renderTables(text: string, file: string): string {
  return text.replace(/(<!-- table: (\w+) -->\n).*?(<!-- \/table -->)/gs, (_all, begin: string, name: string, end) => {
    const render = tables[name];
    if (!render) throw new Error(`${file}: expected a table of ${Object.keys(tables).join(' or ')}, found ${name}`);
    return `${begin}\n${render()}\n${end}`;
  });
}

if (process.argv[1] === import.meta.filename) writeRendered(renderDocs());
