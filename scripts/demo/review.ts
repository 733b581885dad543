/** An AdmissionReview and its answer, as far as the demo looks into them. */
import type { Pod } from '../../src/pod/schema.ts';

export type Review = { request: { object: Pod } };
export type Answer = { response: { allowed: boolean; patch: string } };
