import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeArgv, escapeDollars } from '../../src/entrypoint/compose-argv.ts';
import { kubeletExpand } from '../support/kubelet.ts';

const image = { entrypoint: ['/entry', '$HOME'], cmd: ['cmd', '$(X)', '$$'] };

describe("Kubernetes' rule", () => {
  it.each([
    ['command', { command: ['/c', '$(X)'] }, ['/c', '$(X)']],
    ['command and args', { command: ['/c'], args: ['$$', 'a'] }, ['/c', '$$', 'a']],
    ['args only', { args: ['a', '$(X)'] }, ['/entry', '$$HOME', 'a', '$(X)']],
    ['neither', {}, ['/entry', '$$HOME', 'cmd', '$$(X)', '$$$$']],
    ['empty lists', { command: [], args: [] }, ['/entry', '$$HOME', 'cmd', '$$(X)', '$$$$']],
    ['null', { command: null, args: null }, ['/entry', '$$HOME', 'cmd', '$$(X)', '$$$$']],
  ])('%s', (_, container, expected) => expect(composeArgv(container, image)).toEqual(expected));

  it('knows nothing without an image', () => expect(composeArgv({})).toEqual([]));
  it('an image with CMD only', () => expect(composeArgv({}, { entrypoint: [], cmd: ['/myapp'] })).toEqual(['/myapp']));
});

describe('escaped text', () => {
  const text = fc.string({ unit: fc.constantFrom('$', '(', ')', 'X', 'é', '\n', ' ') });
  it('comes out of the kubelet as it was', () =>
    fc.assert(fc.property(text, (s) => kubeletExpand(escapeDollars(s), { X: 'expanded' }) === s)));
});
