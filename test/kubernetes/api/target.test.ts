import { describe, expect, it } from 'vitest';
import { describeList, describeTarget, pathOf, type Target } from '../../../src/kubernetes/api/target.ts';

describe('a target', () => {
  it.each<[target: Target, path: string, said: string, listed: string]>([
    [{ resource: 'pods' }, '/api/v1/pods', 'pods', 'pods in all namespaces'],
    [
      { resource: 'pods', namespace: 'shop' },
      '/api/v1/namespaces/shop/pods',
      'pods in the namespace shop',
      'pods in the namespace shop',
    ],
    [{ resource: 'nodes' }, '/api/v1/nodes', 'nodes', 'nodes'],
    [
      { group: 'batch', resource: 'jobs', namespace: 'shop', name: 'a' },
      '/apis/batch/v1/namespaces/shop/jobs/a',
      'jobs.batch a in the namespace shop',
      'jobs.batch a in the namespace shop',
    ],
    [
      { resource: 'pods', namespace: '../kube-system', name: 'a/b', subresource: 'exec' },
      '/api/v1/namespaces/..%2Fkube-system/pods/a%2Fb/exec',
      'pods/exec a/b in the namespace ../kube-system',
      'pods/exec a/b in the namespace ../kube-system',
    ],
  ])('%j', (target, path, said, listed) => {
    expect(pathOf(target)).toBe(path);
    expect(describeTarget(target)).toBe(said);
    expect(describeList(target)).toBe(listed);
  });
});
