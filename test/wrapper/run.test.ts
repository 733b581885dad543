/** The wrapper as an ordinary process. As PID 1, thoroughly and with several builds of busybox: npm run test:wrapper. */
import { describe } from 'vitest';
import { describeWrapper } from './behaviour.ts';
import { busybox, scripts } from './pod.ts';

const title = busybox ? 'run.sh' : 'run.sh (skipped: no busybox in PATH or CLOCKOUT_TEST_BUSYBOX; apt install busybox)';

/** The traced scripts are the usual ones and lines that write: trace.test.ts has them in every run. */
const forms = Object.entries(scripts).filter(([name]) => name === 'usual' || process.env.FULL === '1');

describe.skipIf(!busybox).each(forms)(`${title}, %s`, (_, texts) => describeWrapper('plain', texts));
