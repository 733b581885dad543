import { afterEach, describe, expect, it } from 'vitest';
import { createEventWriter } from '../../src/kubernetes/write-event.ts';
import { type ApiServer, refusal, sendJson, startApiServer } from './api-server.ts';

let api: ApiServer;
afterEach(() => api.close());

const event = {
  namespace: 'shop',
  owner: { apiVersion: 'batch/v1', kind: 'Job', name: 'report', uid: 'job-1' },
  type: 'Warning',
  reason: 'ClockoutCannotWrap',
  message: 'Clockout cannot wrap this pod',
};

/** Answers with these statuses in turn. */
async function open(...statuses: number[]) {
  const bodies: Record<string, unknown>[] = [];
  api = await startApiServer((request, response) => {
    bodies.push(JSON.parse(request.text));
    const status = statuses.shift() ?? 201;
    sendJson(response, status, status === 201 ? {} : refusal(status, 'no'));
  });
  const problems: string[] = [];
  return { write: createEventWriter(api.config, (problem) => void problems.push(problem)), bodies, problems };
}

describe('createEventWriter', () => {
  it('writes an Event on the owner, with a name that depends on the key only', async () => {
    const { write, bodies } = await open();
    expect([await write(event, 'a'), await write(event, 'a'), await write(event, 'b')]).toEqual(
      Array(3).fill('written'),
    );
    expect(api.requests[0]).toBe('POST /api/v1/namespaces/shop/events');
    expect(bodies[0]).toMatchObject({
      metadata: { name: expect.stringMatching(/^report\.[0-9a-f]{16}$/), namespace: 'shop' },
      involvedObject: { ...event.owner, namespace: 'shop' },
      type: 'Warning',
      reason: 'ClockoutCannotWrap',
      message: 'Clockout cannot wrap this pod',
      source: { component: 'clockout' },
      reportingComponent: 'clockout',
      firstTimestamp: expect.stringMatching(/^\d{4}-/),
    });
    const [first, second, third] = bodies.map(({ metadata }) => (metadata as { name: string }).name);
    expect([second === first, third === first]).toEqual([true, false]);
  });

  it('says once which right is missing', async () => {
    const { write, problems } = await open(403, 403, 201, 403);
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await write(event, `${i}`));
    expect(answers).toEqual(['refused', 'refused', 'written', 'refused']);
    expect(problems).toEqual(
      Array(2).fill(
        'the API server did not let Clockout create an Event: 403 no; the chart gives it the right with `events`, unless `rbac.create` is false',
      ),
    );
  });

  it.each([
    [409, 'known', 0],
    [404, 'failed', 0],
    [422, 'failed', 0],
    [500, 'failed', 1],
  ])('takes %i as %s', async (status, expected, count) => {
    const { write, problems } = await open(status);
    expect(await write(event, 'a')).toBe(expected);
    expect(problems).toHaveLength(count);
  });

  it('says that the API server cannot be reached', async () => {
    const { write, problems } = await open();
    await api.close();
    expect(await write(event, 'a')).toBe('failed');
    expect(problems).toEqual([expect.stringMatching(/^the API server cannot be reached to create an Event/)]);
  });
});
