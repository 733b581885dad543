import { describe, expect, it } from 'vitest';
import { readKubeletMinor, readMinor } from '../../src/kubernetes/minor-version.ts';

describe('the minor', () => {
  it.each<[string, string, number | undefined]>([
    ['1', '35', 35],
    ['1', '29+', 29],
    ['1', '', undefined],
    ['1', 'next', undefined],
    ['2', '0', undefined],
  ])('of an API server %s.%s is %s', (major, minor, expected) => expect(readMinor({ major, minor })).toBe(expected));

  it.each<[string, number | undefined]>([
    ['v1.35.4', 35],
    ['v1.29.3-eks-ae9a62a', 29],
    ['v1.33.0-rc.1', 33],
    ['v1.32.6+k3s1', 32],
    ['v1.30.1-gke.1329003', 30],
    // https://github.com/virtual-kubelet/azure-aci
    ['v1.25.0-vk-azure-aci-1.6.2', 25],
    ['kwok-v0.7.0', undefined],
    ['fake', undefined],
    ['v2.1.0', undefined],
    ['v1.33', undefined],
    ['', undefined],
  ])('of the kubelet %s is %s', (version, expected) => expect(readKubeletMinor(version)).toBe(expected));
});
