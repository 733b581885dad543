/** What the status of an object from a cluster says, and what that makes of the verdict. Pure. */
import type { Outcome } from '../admission/outcome.ts';
import { describeLiveJob } from '../live-status/job.ts';
import { describeLivePod, graceOf, type Live } from '../live-status/pod-state.ts';
import { asClockout } from '../util/called.ts';
import { isWrappedPod } from './missed.ts';
import type { Subject } from './subject.ts';
import type { Verdict } from './verdict.ts';

export function findLive({ template, facts, outcome, now, mesh, called = asClockout }: Subject): Live | undefined {
  const { kind, apiVersion, object } = template;
  if (kind !== 'Pod') {
    const live = apiVersion.startsWith('batch/') ? describeLiveJob(kind, object, now, called) : undefined;
    // In a cluster, its pods are explained after it.
    return live && mesh ? { state: live.state, sentence: live.sentence } : live;
  }
  const apps = facts.apps.map(({ container: { name, restartPolicyRules }, restartPolicy }) => ({
    name,
    restartPolicyRules,
    restartPolicy,
  }));
  const grace = isWrappedPod(template) ? findGrace(outcome) : 0;
  return describeLivePod(object, { apps, grace, advise: { facts, called } }, now);
}

export function judgeLive(live: Live | undefined, otherwise: Verdict): Verdict {
  if (live?.state === 'hangs') return 'hangs';
  return live?.state === 'finished' || live?.state === 'ending' ? 'ends' : otherwise;
}

// --- internal ---

function findGrace(outcome: Outcome): number {
  if (outcome.kind === 'skipped' || outcome.plan.strategy !== 'wrap') return 0;
  return graceOf(outcome.plan.quit, outcome.plan.quitDelay);
}
