/**
 * Reviews recorded from a real cluster go through the webhook and through the CLI alike, with each strategy, and give the golden
 * pods. The folder is the list of cases; `UPDATE_GOLDEN=1 npx vitest run test/golden.test.ts` writes them anew.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import jsonPatch from 'fast-json-patch';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { AdmissionResponse } from '../src/admission/response.ts';
import { admitReview } from '../src/admission/review.ts';
import { createSelfSignedCertificate } from '../src/certificates/self-signed.ts';
import type { Pod } from '../src/pod/schema.ts';
import { guardScript, initScript, runScript } from '../src/wrapper/scripts.ts';
import { inject } from './commands/run.ts';
import { createApps } from './server/helpers.ts';
import { withStrategy } from './support/pods.ts';

const inputs = new URL('./testdata/pods/', import.meta.url);
const cases = readdirSync(inputs).map((file) => file.replace(/\.json$/, ''));
const update = process.env.UPDATE_GOLDEN === '1';

const deps = { settings: withStrategy('wrap'), onUnwrappable: 'admit' } as const;
const { webhook } = createApps(await createSelfSignedCertificate(['localhost'], new Date()), {
  admitReview: (body, circumstances) => admitReview(body, deps, circumstances),
});
afterAll(() => webhook.close());

it.each(cases)('the answer for %s with the strategy native has at most 12 KiB', async (name) => {
  const body = readFileSync(new URL(`${name}.json`, inputs), 'utf8');
  const headers = { 'content-type': 'application/json' };
  const { rawPayload } = await webhook.inject({ method: 'POST', url: '/mutate/native', headers, body });
  expect(rawPayload.length).toBeLessThanOrEqual(12 * 1024);
});

describe.each([
  ['wrap', '/mutate', 'golden'],
  ['native', '/mutate/native', 'golden-native'],
] as const)('recorded pods with the strategy %s', (strategy, url, folder) => {
  const goldens = new URL(`./testdata/${folder}/`, import.meta.url);

  const viaWebhook = async (body: string): Promise<SentResponse> => {
    const headers = { 'content-type': 'application/json' };
    return (await webhook.inject({ method: 'POST', url, headers, body })).json().response;
  };

  const viaCli = async (body: string): Promise<SentResponse> => {
    const options = { output: 'json', settings: withStrategy(strategy) } as const;
    return JSON.parse((await inject({ 'review.json': body }, options)).stdout).response;
  };

  it.each(cases)('%s', async (name) => {
    const body = readFileSync(new URL(`${name}.json`, inputs), 'utf8');
    const response = await viaWebhook(body);
    expect(await viaCli(body)).toEqual(response);

    const file = new URL(`${name}.yaml`, goldens);
    const found = golden(JSON.parse(body).request.object, response);
    if (update) writeFileSync(file, found);
    expect(found).toBe(readFileSync(file, 'utf8'));
  });

  it('and goldens belong together', () => {
    const stale = readdirSync(goldens).filter((file) => !cases.includes(file.replace(/\.yaml$/, '')));
    if (update) for (const file of stale) rmSync(new URL(file, goldens));
    else expect(stale).toEqual([]);
  });

  it('that are changed get no patch when they come again', async () => {
    for (const name of cases) {
      const review = JSON.parse(readFileSync(new URL(`${name}.json`, inputs), 'utf8'));
      const { patch } = await viaWebhook(JSON.stringify(review));
      review.request.object = patched(review.request.object, patch);
      expect((await viaWebhook(JSON.stringify(review))).patch, name).toBeUndefined();
    }
  });
});

type SentResponse = Omit<AdmissionResponse, 'patch'> & { patch?: string };

function patched(pod: Pod, patch: string | undefined): Pod {
  const operations = patch ? JSON.parse(Buffer.from(patch, 'base64').toString()) : [];
  return jsonPatch.applyPatch(structuredClone(pod), operations).newDocument;
}

/** The answer and the pod as it is then; the scripts have tests of their own, so their text stands for itself. */
function golden(pod: Pod, { patch, uid: _, patchType: __, ...answer }: SentResponse): string {
  const scripts = Object.entries({ 'run.sh': runScript, 'guard.sh': guardScript, 'init.sh': initScript });
  const named = (_: unknown, value: unknown) =>
    scripts.find(([, text]) => text.replaceAll('$', '$$$$') === value)?.[0] ?? value;
  return stringify({ answer, pod: patch ? patched(pod, patch) : 'unchanged' }, named, {
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
}
