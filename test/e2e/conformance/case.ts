/** What the conformance suite is made of. Cases are data: importing them does nothing, a runner makes tests of them. */

export type Case<Place> = {
  /** Unique, kebab-case: the name of its Jobs, and what `--only` looks for. */
  name: string;
  /** What holds, in one sentence. */
  title: string;
  /** Where it went wrong elsewhere: `owner/repository#number` for an issue on GitHub, or an address. */
  origins?: string[];
  /** Must have the cluster to itself: it takes all of it, or closes it to others. */
  alone?: boolean;
  /** What its pod is made of, where that is data: for tests of what the cases cover. */
  pod?: { annotations?: Record<string, string>; spec?: { [field: string]: unknown } };
  /** Throws where it doesn't hold. What it returns is shown in the docs as what was seen. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a case without an answer needs no return
  run: (place: Place) => Promise<string | void>;
};

export type Group<Place> = { title: string; cases: Case<Place>[] };
