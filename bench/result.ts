/** What a part of the benchmark finds: tables and pictures as data, which bench/page.ts renders. */

export type Table = { caption?: string; head: string[]; rows: string[][] };

/** Groups of bars, one bar for each series. */
export type Bars = {
  kind: 'bars';
  /** Of its file in docs/images. */
  name: string;
  title: string;
  unit: string;
  series: string[];
  groups: { label: string; values: number[] }[];
};

export type Lines = {
  kind: 'lines';
  name: string;
  title: string;
  x: string;
  unit: string;
  series: { label: string; points: [x: number, y: number][] }[];
};

/** Rows of spans on one axis of seconds. */
export type Spans = {
  kind: 'spans';
  name: string;
  title: string;
  rows: { label: string; spans: { from: number; to: number; ours: boolean }[] }[];
};

export type Picture = Bars | Lines | Spans;

export type Findings = { notes?: string[]; tables: Table[]; pictures: Picture[] };

/** A sentence that says why there is nothing, and what to do. */
export type NotRun = { notRun: string };

export type Machine = {
  cpu: string;
  cores: number;
  memoryGibibytes: number;
  /** Processes that wanted to run in the minute before the part began: on a machine that does nothing else, 0. */
  load: number;
  versions: Record<string, string>;
};

/** Of one run of a part, as its file in bench/results has it. */
export type Result = { part: string; date: string; machine: Machine } & (Findings | NotRun);

export type Options = {
  /** Rounds of each measurement; what it says is their median. */
  rounds: number;
  /** How many connections the part review tries, one after the other. */
  connections: number[];
  /** Reviews of the part memory. */
  reviews: number;
  /** Jobs of each kind in the part jobs. */
  jobs: number;
  /** Length and rate of the part soak. */
  minutes: number;
  rate: number;
};

export type Part = (options: Options) => Promise<Findings | NotRun>;
