/** AdmissionReviews through the webhook's steps, with each strategy. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import jsonPatch from 'fast-json-patch';
import { admitReview, reviewToJson } from '../../../src/admission/review.ts';
import type { LookupImageConfig } from '../../../src/entrypoint/resolve.ts';
import { joinBase64 } from '../../../src/inject/patch/patch-base64.ts';
import type { Strategy } from '../../../src/pod/annotations/table.ts';
import { frozen, withStrategy } from '../../support/pods.ts';
import { mutatedJson } from '../mutations.ts';
import { defineTarget } from '../target.ts';

const folder = new URL('../../testdata/pods/', import.meta.url);
const recorded = readdirSync(folder).map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')));

const lookup: LookupImageConfig = async () => ({ found: true, digest: 'sha256:0', entrypoint: ['/entry'], cmd: [] });
const strategies: readonly Strategy[] = ['wrap', 'native', 'auto'];

/** @see docs/limits.md */
const mostAnswerBytes = 256 * 1024;

export const reviews = defineTarget({
  name: 'reviews',
  inputs: fc.tuple(mutatedJson(recorded), fc.constantFrom(...strategies)),
  check: async ([review, strategy]) => {
    const answered = await answer(review, strategy);
    if (answered === undefined) return;
    const { pod, review: sent } = answered;
    const { response } = sent;
    assert(reviewToJson(sent).length <= mostAnswerBytes, 'the answer is too large');
    if (response.patch === undefined) return;
    const patch = JSON.parse(Buffer.from(joinBase64(response.patch), 'base64').toString());
    const patched = jsonPatch.applyPatch(structuredClone(pod), patch, true).newDocument;
    const again = await answer(withPod(review, patched), strategy);
    assert.equal(again?.review.response.allowed, true, 'it is not allowed when it comes again');
    assert.equal(again?.review.response.patch, undefined, 'it gets a patch when it comes again');
  },
});

// --- internal ---

async function answer(review: unknown, strategy: Strategy) {
  const deps = { settings: withStrategy(strategy), onUnwrappable: 'admit', lookup } as const;
  const answered = await admitReview(frozen(structuredClone(review)), deps);
  if (!answered.ok) return undefined;
  return { pod: answered.value.request.object, review: answered.value.review };
}

const withPod = (review: unknown, object: unknown): unknown => {
  const { request, ...rest } = review as { request: object };
  return { ...rest, request: { ...request, object } };
};
