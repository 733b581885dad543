/** The wrapper as an ordinary process. As PID 1, thoroughly and with several builds of busybox: npm run test:wrapper. */
import { describe } from 'vitest';
import { describeWrapper } from './behaviour.ts';
import { busybox, scripts } from './pod.ts';

const title = busybox ? 'run.sh' : 'run.sh (skipped: no busybox in PATH or CLOCKOUT_TEST_BUSYBOX; apt install busybox)';

describe.skipIf(!busybox).each(Object.entries(scripts))(`${title}, %s`, (_, texts) => describeWrapper('plain', texts));
