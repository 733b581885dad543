import { describe, expect, it } from 'vitest';
import { trapFor } from '../../src/pod/stop-signal.ts';
import { runScript } from '../../src/wrapper/scripts.ts';

describe('a stop signal', () => {
  it.each([
    ['SIGTERM', 'TERM'],
    ['TERM', 'TERM'],
    ['term', 'TERM'],
    ['SIGABRT', 'ABRT'],
    ['SIGIOT', 'ABRT'],
    ['SIGPOLL', 'IO'],
    ['SIGRTMIN+1', '35'],
    ['SIGRTMIN+3', '37'],
    ['RTMIN+15', '49'],
    ['SIGRTMAX-14', '50'],
    ['SIGRTMAX', '64'],
    ['15', 'TERM'],
    ['3', 'QUIT'],
    ['37', '37'],
    ['64', '64'],
  ])('%s has the trap %s', (signal, trap) => expect(trapFor(signal)).toBe(trap));

  it.each([
    'SIGPIPE',
    'SIGCHLD',
    'SIGSTOP',
    'SIGSEGV',
    'SIGRTMIN',
    'SIGRTMIN+16',
    'SIGRTMAX-15',
    '13',
    '17',
    '33',
    '34',
    '65',
    '',
    'x',
    '015',
  ])('%s has none', (signal) => expect(trapFor(signal)).toBeUndefined());

  it('has one where run.sh has', () => {
    const named = /^_named=(.*)$/m.exec(runScript)?.[1]?.split(',') ?? [];
    const later = /_trap ([A-Z][A-Z0-9 ]+)$/m.exec(runScript)?.[1]?.split(' ') ?? [];
    const trapped = [...named, ...later];
    expect(trapped.length).toBeGreaterThan(15);
    expect(trapped.filter((name) => trapFor(name) !== name)).toEqual([]);
    const others = ['ILL', 'TRAP', 'BUS', 'FPE', 'SEGV', 'PIPE', 'CHLD', 'STOP', 'XFSZ', 'SYS', 'STKFLT'];
    expect(others.filter((name) => trapFor(name) || trapped.includes(name))).toEqual([]);
  });
});
