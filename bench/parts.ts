/** The parts of the benchmark, in the order of the page. */
import type { Part } from './result.ts';

type Description = {
  name: string;
  title: string;
  /** How it is measured, for the page. */
  about: string;
  /** Only when it is named: it takes too long. */
  onlyByName?: true;
  load: () => Promise<Part>;
};

export const parts: readonly Description[] = [
  {
    name: 'review',
    title: 'Reviews over HTTPS',
    about: `Each server is a process of its own, and gets the same reviews over HTTPS on loopback. *Bare Fastify* parses the same body, and
answers with a constant text that is as long as Clockout's answer: no webhook on Fastify can do less. *Pepr* is another framework for
webhooks in TypeScript: its capability adds an init container to the pod, and its store is answered by a small stand-in for the API
server. *Reviews a second* is what one core can do, from the CPU time of all threads of the server. *p50* and *p99* are elapsed
times, with the client on the same cores. The servers take turns, and a ratio compares neighbouring rounds. Clockout logs at the
level \`info\`, and counts its metrics.`,
    load: async () => (await import('./parts/review.ts')).measureReviews,
  },
  {
    name: 'size',
    title: 'Cost by the size of the pod',
    about: `This part measures the server's CPU time for one review over HTTPS. The pods have more and longer environment variables, up to the 3 MiB
that an API server sends, or many containers.`,
    load: async () => (await import('./parts/size.ts')).measureSizes,
  },
  {
    name: 'memory',
    title: 'Start and memory',
    about: `This part starts the built bundle, and measures the time until \`/readyz\` answers 200, and the resident memory. Under load, the server gets
reviews on 50 connections as fast as it answers them. If the machine has memory cgroups, the server runs in one with the chart's limit.`,
    load: async () => (await import('./parts/memory.ts')).measureMemory,
  },
  {
    name: 'lookup',
    title: 'Lookups of entrypoints',
    about: 'What it takes to find out what an image runs: from the cache, and from a registry on this machine.',
    load: async () => (await import('./parts/lookup.ts')).measureLookups,
  },
  {
    name: 'audit',
    title: 'Audit of a large cluster',
    about: `\`clockout audit\` on 10,000 Jobs with pods of 12 KB, against a stand-in for the API server that is sometimes busy, and once forgets a
page.`,
    load: async () => (await import('./parts/audit.ts')).measureAudit,
  },
  {
    name: 'wrapper',
    title: 'The wrapper',
    about: `A program that ends at once, run directly, by the wrapper in busybox, and by [scuttle](https://github.com/kvij/scuttle). The proxy is
a stand-in that is ready. *To the app's start* and *from the app's exit* are times on the wall; CPU time is that of all processes.`,
    load: async () => (await import('./parts/wrapper.ts')).measureWrapper,
  },
  {
    name: 'jobs',
    title: 'Time of a Job',
    about: `Jobs on the [test cluster](../test/e2e/cluster/README.md), whose app runs for 2 s. In each round, one Job of each kind is created at
random moments of the same second, because the kubelet works in steps of a second. Envoy is a stand-in there; pilot-agent, the kubelet
and the rest are the real programs.`,
    load: async () => (await import('./parts/jobs.ts')).measureJobs,
  },
  {
    name: 'timeline',
    title: 'Where the time of a wrapped Job goes',
    about: `The same Jobs under \`wrap\`, by the times of containerd's events and of the containers' logs. The median of each moment, in seconds
after the Job was created.`,
    load: async () => (await import('./parts/timeline.ts')).measureTimeline,
  },
  {
    name: 'pods',
    title: 'Pods a second on an API server',
    about: `The number in the first column is how many writers create pods on the test cluster at the same time, each as fast as it can. *Constant patch* is a webhook that parses the review, and
answers each with the patch that Clockout makes for the first one. The API server calls it at the point at which it would call
Clockout. It is one process on the node, while Clockout has two replicas in pods behind a Service. On a busy machine, the pods' cgroup gets
more of the CPU than a process outside. The comparison then favors Clockout.`,
    load: async () => (await import('./parts/pods.ts')).measurePods,
  },
  {
    name: 'soak',
    title: 'Soak',
    about: `\`npm run soak\` sends reviews at a constant rate, while the server's certificate is replaced each minute.`,
    onlyByName: true,
    load: async () => (await import('./parts/soak.ts')).soak,
  },
];
