import { describe, expect, it } from 'vitest';
import { isPassedOn } from '../../src/decide/stop-signal.ts';
import { runScript } from '../../src/inject/scripts.ts';

describe('a stop signal', () => {
  it.each([
    'SIGTERM',
    'TERM',
    'term',
    'SIGABRT',
    'SIGRTMIN',
    'SIGRTMIN+3',
    'RTMIN+15',
    'SIGRTMAX-14',
    'SIGRTMAX',
    '15',
    '37',
    '64',
  ])('%s is passed on', (signal) => expect(isPassedOn(signal)).toBe(true));

  it.each([
    'SIGPIPE',
    'SIGCHLD',
    'SIGSTOP',
    'SIGSEGV',
    'SIGRTMIN+16',
    'SIGRTMAX-15',
    '13',
    '17',
    '33',
    '65',
    '',
    'x',
    '015',
  ])('%s is not', (signal) => expect(isPassedOn(signal)).toBe(false));

  it('is passed on if run.sh has a trap for it', () => {
    const loops = [...runScript.matchAll(/for _x in ([A-Z0-9 ]+); do trap "_on \$_x" \$_x/g)];
    const trapped = loops.flatMap(([, names = '']) => names.split(' '));
    expect(trapped.length).toBeGreaterThan(15);
    expect(trapped.filter((name) => !isPassedOn(name))).toEqual([]);
    const others = ['ILL', 'TRAP', 'BUS', 'FPE', 'SEGV', 'PIPE', 'CHLD', 'STOP', 'XFSZ', 'SYS', 'STKFLT'];
    expect(others.filter((name) => isPassedOn(name) || trapped.includes(name))).toEqual([]);
  });
});
