/** Writes the plain manifests in deploy/: `node scripts/plain-manifests.ts` renders them with Helm. A test fails if they are out of date. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchHelms, template } from '../test/e2e/chart/helm.ts';
import { type Rendered, writeRendered } from './markdown.ts';

const root = join(import.meta.dirname, '..');

/** The manifests of the default values, in the namespace `clockout`: a file for each template. */
export async function renderDeploy(): Promise<Rendered[]> {
  const manifests = await template(4, { arguments: ['--skip-tests'] });
  const files = new Map<string, string[]>();
  for (const document of manifests.split(/^---\n/m)) {
    const [, name, text] = /^# Source: clockout\/templates\/(\S+)\n(.*)$/s.exec(document) ?? [];
    if (name && text) files.set(name, [...(files.get(name) ?? []), plain(text)]);
  }
  return [...files].map(([name, documents]) => {
    const file = join('deploy', name);
    const rendered = `# Made by scripts/plain-manifests.ts from the chart: change the chart instead.\n${documents.join('---\n')}`;
    return { file, current: existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '', rendered };
  });
}

// --- internal ---

/** Without the labels of objects that Helm manages. */
const plain = (text: string) =>
  `${text.replace(/^ +(app\.kubernetes\.io\/managed-by: Helm|helm\.sh\/chart: .*)\n/gm, '').trimEnd()}\n`;

if (process.argv[1] === import.meta.filename) {
  await fetchHelms();
  writeRendered(await renderDeploy());
}
