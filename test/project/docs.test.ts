import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { renderDocs } from '../../scripts/docs.ts';
import { describeProblem, type Problem } from '../../src/admission/warnings.ts';
import { literal } from './cross-section.ts';

it.each(renderDocs())('$file has the tables that the code says (node scripts/docs.ts writes them)', (doc) => {
  expect(doc.current).toBe(doc.rendered);
});

const root = join(import.meta.dirname, '../..');
const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => join('docs', name));

/** As GitHub makes them of headings. */
const anchorsOf = (page: string): string[] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    `${heading}`
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

const isThere = (page: string, link: string): boolean => {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(root, target))) return false;
  return anchor === undefined || anchorsOf(target).includes(anchor);
};

/** All pages of the project that people read. */
const allPages = globSync('{*.md,{charts,deploy,docs,examples,src,test}/**/*.md}', { cwd: root });

it.each(allPages)('%s links only to what is there', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => `${link}`);
  expect(links.filter((link) => !/^\w+:/.test(link) && !isThere(page, link))).toEqual([]);
});

const sources = globSync('{src,scripts,bench,test,charts}/**/*.{ts,tpl}', { cwd: root }).map((file) => `/${file}`);

it.each(allPages)('%s names only source files that are there', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const names = [...text.matchAll(/`((?:[\w.-]+\/)*[\w.-]+\.(?:ts|tpl))`/g)].map(([, name]) => `${name}`);
  expect(names.filter((name) => !sources.some((file) => file.endsWith(`/${name}`)))).toEqual([]);
});

it('comments name only source files that are there', () => {
  const missing = sources.flatMap((file) => {
    const comments = readFileSync(join(root, file), 'utf8').match(/^ *(?:\/\/|\/?\*).*$/gm) ?? [];
    const names = comments
      .map((comment) => comment.replace(/https?:\S+/g, ''))
      .flatMap((comment) => [...comment.matchAll(/(?<![\w./-])(?:[\w-]+\/)*\w[\w.-]*\.ts\b/g)].map(([name]) => name));
    return names.filter((name) => !sources.some((one) => one.endsWith(`/${name}`))).map((name) => `${file}: ${name}`);
  });
  expect(missing).toEqual([]);
});

it('no page has the marks of a merge that nobody finished', () => {
  const isMark = (line: string) => /^(<{7}|={7}|>{7})( |$)/.test(line);
  const marked = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', ...pages].filter((page) =>
    readFileSync(join(root, page), 'utf8').split('\n').some(isMark),
  );
  expect(marked).toEqual([]);
});

const linkedFrom = (page: string) =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)#\s]+)/g)].map(([, link]) =>
    join(dirname(page), `${link}`),
  );

it('docs/index.md, or the page of their own folder, links to every page', () => {
  const linked = [...linkedFrom('docs/index.md'), ...linkedFrom('docs/runbooks/README.md')];
  expect(pages.filter((page) => page !== 'docs/index.md' && !linked.includes(page))).toEqual([]);
});

it('docs/limits.md has each sentence that answers a request over a bound', () => {
  const limits = readFileSync(join(root, 'docs/limits.md'), 'utf8');
  const sources = ['body/collect.ts', 'body/read-bounded.ts', 'errors.ts', 'parser-errors.ts'].map((file) =>
    readFileSync(join(root, 'src/server', file), 'utf8'),
  );
  const sentences = [...sources.join('\n').matchAll(/(?:\b(?:408|413|431|503),|refuse\()\s*(['`])(.+?)\1/g)].map(
    ([, , text]) => `${text}`,
  );
  expect(sentences.length).toBeGreaterThan(8);
  // The docs have a number for each expression.
  const isThere = (sentence: string) =>
    new RegExp(
      `\`${sentence
        .split(/\$\{.+?\}/)
        .map(literal)
        .join('\\d+')}\``,
    ).test(limits);
  expect(sentences.filter((sentence) => !isThere(sentence))).toEqual([]);
});

it('docs/annotations.md quotes the warnings about contradictions as they are', () => {
  const problems: Problem[] = [
    { code: 'chosen-and-excluded', container: 'NAME', options: ['containers', 'exclude-containers'] },
    { code: 'without-effect', option: 'quit', value: 'never', useless: 'quit-delay' },
    { code: 'without-effect', option: 'wait-for-proxy', value: 'false', useless: 'wait-timeout' },
    { code: 'without-effect', option: 'guard', value: 'false', useless: 'start-timeout' },
    { code: 'one-entrypoint-for-many', apps: 2 },
    { code: 'useless-by-default', option: 'quit', value: 'never', useless: 'quit-delay' },
    { code: 'without-effect', option: 'quit', value: 'never', useless: 'guard' },
    { code: 'without-effect', option: 'quit', value: 'on-success', useless: 'start-timeout' },
    { code: 'without-effect', option: 'wait-timeout', value: '0s', useless: 'on-wait-timeout' },
    { code: 'entrypoint-of-no-app', container: 'NAME', half: 'known' },
    { code: 'entrypoint-unused', container: 'NAME' },
    { code: 'url-twice', container: 'NAME', url: 'URL' },
    { code: 'waits-anyway', container: 'NAME', option: 'wait-for-proxy', why: 'hook' },
    { code: 'never-waits', container: 'NAME', option: 'wait-timeout', why: 'probe' },
    { code: 'probe-kept', container: 'NAME', probe: 'readinessProbe' },
    { code: 'probes-without-port' },
    { code: 'useless-option', option: 'start-timeout', because: 'restarts' },
    { code: 'useless-option', option: 'report-after', because: 'one-app' },
    { code: 'useless-option', option: 'wait-timeout', because: 'no-proxy' },
    { code: 'no-effect', option: 'quit' },
    { code: 'native-declined' },
    { code: 'wrap-of-native' },
    { code: 'wrapped-before' },
  ];
  const section = readFileSync(join(root, 'docs/annotations.md'), 'utf8').match(
    /^## Annotations that con.+?^## /ms,
  )?.[0];
  const shown = [...`${section}`.matchAll(/\| `([^`]+)` \|$/gm)].map(([, warning]) => `${warning}`);
  const patterns = shown.map((warning) => new RegExp(`^${warning.split('…').map(literal).join('.+')}$`));
  expect(problems.map(describeProblem).filter((text, i) => !patterns[i]?.test(text))).toEqual([]);
  expect(shown).toHaveLength(problems.length);
});
