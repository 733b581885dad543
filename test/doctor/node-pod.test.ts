import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { probeNodes } from '../../src/doctor/gather/nodes.ts';
import { createNodePod, explainSilence, needsLoader, readNodePod } from '../../src/doctor/node-pod.ts';
import { createApi } from '../../src/kubernetes/api/api.ts';
import { refusal, sendJson, startApiServer } from '../kubernetes/api-server.ts';

/** An ELF file of 64 bits with these types of program headers. */
function elf(...types: number[]): Buffer {
  const head = Buffer.alloc(64 + 56 * types.length);
  head.write('\x7fELF\x02\x01', 0, 'latin1');
  head.writeBigUInt64LE(64n, 32);
  head.writeUInt16LE(56, 54);
  head.writeUInt16LE(types.length, 56);
  for (const [index, type] of types.entries()) head.writeUInt32LE(type, 64 + 56 * index);
  return head;
}

describe('needsLoader', () => {
  it.each([
    ['a static program', elf(1, 1, 7), false],
    ['a dynamic program', elf(6, 3, 1), true],
    ['a program that is cut off', elf(6, 3, 1).subarray(0, 70), false],
    ['something else', Buffer.from('#!/bin/sh\n'.repeat(20)), false],
    ['nothing', Buffer.alloc(0), false],
    ['Node.js itself', readFileSync(process.execPath).subarray(0, 2048), process.platform === 'linux'],
  ])('is right for %s', (_, head, expected) => expect(needsLoader(head)).toBe(expected));
});

const terminated = (name: string, message: string) => ({ name, state: { terminated: { exitCode: 0, message } } });
const ended = (writer: string, reader: string, head = elf(1)) => ({
  status: {
    phase: 'Succeeded',
    initContainerStatuses: [terminated('prepare', head.toString('base64'))],
    containerStatuses: [terminated('writer', writer), terminated('reader', reader)],
  },
});

describe('the pod of a node', () => {
  const good = { runs: true, sharesFifo: true, readsProc: true, isDynamic: false };
  it.each([
    ['all is well', ended('runs\nwrote\nproc\n', 'read\n'), good],
    ['noexec', ended('wrote\nproc\n', 'read\n'), { ...good, runs: false }],
    ['no FIFO', ended('runs\nproc\n', ''), { ...good, sharesFifo: false }],
    ['no /proc', ended('runs\nwrote\n', 'read\n'), { ...good, readsProc: false }],
    ['a dynamic busybox', ended('runs\nwrote\nproc\n', 'read\n', elf(3)), { ...good, isDynamic: true }],
  ])('says that there is %s', (_, pod, value) =>
    expect(readNodePod('worker-1', pod)).toEqual({ node: 'worker-1', outcome: { ok: true, value } }),
  );

  it('says that the image cannot be pulled, and nothing while it waits for something else', () => {
    const waiting = (reason: string) => ({
      status: {
        phase: 'Pending',
        initContainerStatuses: [{ state: { waiting: { reason, message: 'no such host' } } }],
      },
    });
    expect(readNodePod('worker-1', waiting('ImagePullBackOff'))?.outcome).toEqual({
      ok: false,
      problem: { isSure: true, message: 'ImagePullBackOff: no such host' },
    });
    expect(readNodePod('worker-1', waiting('PodInitializing'))).toBeUndefined();
  });

  it('that is not scheduled says why', () => {
    const conditions = [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' }];
    expect(explainSilence('worker-1', { status: { conditions } }).outcome).toMatchObject({
      problem: { isSure: false, message: '0/1 nodes are available' },
    });
  });

  it('runs on that node, has no rights, is in no mesh, and ends by itself', () => {
    const pod = createNodePod({ node: 'worker-1', namespace: 'jobs', image: 'busybox:1', pullPolicy: undefined });
    expect(JSON.stringify(pod)).toContain('"values":["worker-1"]');
    expect(pod).toMatchObject({
      metadata: { labels: { 'clockout.dev/inject': 'false', 'sidecar.istio.io/inject': 'false' } },
      spec: { automountServiceAccountToken: false, activeDeadlineSeconds: 120, restartPolicy: 'Never' },
    });
  });
});

describe('probeNodes', () => {
  it('deletes the pod of each node, also if it is interrupted', async () => {
    const server = await startApiServer((request, response) => {
      sendJson(response, 200, { metadata: { name: 'clockout-doctor-1' }, status: { phase: 'Pending' } });
      if (request.method === 'GET' && request.url?.includes('/pods/')) interrupt.abort();
    });
    const interrupt = new AbortController();
    try {
      const probes = await probeNodes({
        api: createApi(server.config),
        nodes: ['worker-1'],
        all: ['worker-1'],
        namespace: 'jobs',
        image: 'busybox:1',
        pullPolicy: undefined,
        signal: interrupt.signal,
      });
      expect(probes).toEqual([
        { node: 'worker-1', outcome: { ok: false, problem: { isSure: false, message: 'interrupted' } } },
      ]);
      expect(server.requests.at(-1)).toBe('DELETE /api/v1/namespaces/jobs/pods/clockout-doctor-1');
    } finally {
      await server.close();
    }
  });

  it('says that a pod is left which it may not delete', async () => {
    const interrupt = new AbortController();
    const server = await startApiServer((request, response) => {
      if (request.method === 'DELETE') return sendJson(response, 403, refusal(403, 'no'));
      sendJson(response, 200, { metadata: { name: 'clockout-doctor-1' }, status: { phase: 'Pending' } });
      if (request.method === 'GET' && request.url?.includes('/pods/')) interrupt.abort();
    });
    try {
      const [probe] = await probeNodes({
        api: createApi(server.config),
        nodes: ['worker-1'],
        all: ['worker-1'],
        namespace: 'jobs',
        image: 'busybox:1',
        pullPolicy: undefined,
        signal: interrupt.signal,
      });
      expect(probe?.left).toMatchObject({
        pod: 'clockout-doctor-1',
        message: expect.stringMatching(/^you may not delete pods/),
      });
    } finally {
      await server.close();
    }
  });

  it('starts no pod for a node that is not there', async () => {
    const server = await startApiServer((_, response) => sendJson(response, 404, refusal(404, 'no such node')));
    try {
      const probes = await probeNodes({
        api: createApi(server.config),
        nodes: ['workr-1'],
        all: ['worker-1'],
        namespace: 'jobs',
        image: 'busybox:1',
        pullPolicy: undefined,
        signal: new AbortController().signal,
      });
      expect(probes).toEqual([
        {
          node: 'workr-1',
          outcome: { ok: false, problem: { isSure: false, message: 'there is no such node; did you mean worker-1?' } },
        },
      ]);
      expect(server.requests).toEqual(['GET /api/v1/nodes/workr-1']);
    } finally {
      await server.close();
    }
  });
});
