import { expect, it } from 'vitest';
import { parseAdmissionTimes, subtractTimes } from '../../bench/admission-times.ts';
import { createReviews, lengthen, readReview } from '../../bench/reviews.ts';

const metric = 'apiserver_admission_webhook_admission_duration_seconds';
const page = (counts: [atMost: number, all: number], sum: number) =>
  `# HELP ${metric} text
${metric}_bucket{name="a",operation="CREATE",rejected="false",type="admit",le="0.005"} ${counts[0]}
${metric}_bucket{name="a",operation="CREATE",rejected="false",type="admit",le="+Inf"} ${counts[1]}
${metric}_sum{name="a",operation="CREATE",rejected="false",type="admit"} ${sum}
${metric}_count{name="a",operation="CREATE",rejected="false",type="admit"} ${counts[1]}
${metric}_sum{name="a",operation="CREATE",rejected="true",type="admit"} 1
other{name="a"} 7
`;

it("adds up the API server's histogram by webhook, and tells what came on top", () => {
  const [before, after] = [page([1, 2], 0.5), page([4, 6], 1.5)].map((text) => parseAdmissionTimes(text).get('a'));
  expect(before).toEqual({ count: 2, sum: 1.5, atMost: new Map([[0.005, 1]]) });
  expect(after && subtractTimes(after, before)).toEqual({ count: 4, sum: 1, atMost: new Map([[0.005, 3]]) });
});

it.each([8704, 16_384, 100_001])('lengthens a review to %i bytes', (bytes) => {
  const text = lengthen(readReview('classic-two-containers'), bytes);
  // The last variable can be longer than what is missing.
  expect(Math.abs(text.length - bytes)).toBeLessThan(40);
  expect(JSON.parse(text).request.object.spec.containers[0].env.length).toBeGreaterThan(0);
});

it('makes each review of another pod, and all as long', () => {
  const nextBody = createReviews(readReview('not-injected'));
  const bodies = Array.from({ length: 40 }, () => `${nextBody()}`);
  expect(new Set(bodies).size).toBe(40);
  expect(new Set(bodies.map(({ length }) => length)).size).toBe(1);
});
