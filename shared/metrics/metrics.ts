/**
 * What is counted, each with the question of an operator that it answers. A metric costs money for every value of its
 * dimension that was seen in a month, so dimensions have few values, all of them listed.
 */
export const METRICS = {
  Enrolments: {
    unit: 'Count',
    dimension: undefined,
    question: 'How many machines that nobody knew became nodes?',
  },
  Held: {
    unit: 'Count',
    dimension: undefined,
    question: 'Do machines knock that a person must decide on?',
  },
  Conflicts: {
    unit: 'Count',
    dimension: undefined,
    question: 'Does hardware show the identity of several nodes?',
  },
  LookupsRefused: {
    unit: 'Count',
    dimension: { name: 'Reason', values: ['denied', 'not-now', 'alive', 'not-shown', 'too-many'] },
    question: 'Why do machines get no token?',
  },
  BeatsRefused: {
    unit: 'Count',
    dimension: { name: 'Reason', values: ['no-node', 'wrong-token', 'other-boot', 'address'] },
    question: 'Do agents beat in vain, or does somebody guess tokens?',
  },
  LoginsRefused: {
    unit: 'Count',
    dimension: undefined,
    question: 'Does somebody guess the operator’s password?',
  },
  NotAnswered: {
    unit: 'Count',
    dimension: { name: 'Api', values: ['agent', 'operator'] },
    question: 'Did we fail to answer (500, 503), so that callers have to come back?',
  },
  RunsEnded: {
    unit: 'Count',
    dimension: { name: 'Result', values: ['done', 'failed', 'aborted'] },
    question: 'Do deploys and cleanings end well?',
  },
  RunsStuck: {
    unit: 'Count',
    dimension: { name: 'Outcome', values: ['resumed', 'ended'] },
    question: 'Do executions die under their runs?',
  },
  HookMilliseconds: {
    unit: 'Milliseconds',
    dimension: { name: 'Outcome', values: ['answered', 'refused', 'failed'] },
    question: 'How long does our own code (hooks) let machines wait, and does it answer?',
  },
} as const satisfies Record<string, MetricDefinition>;

export interface MetricDefinition {
  unit: 'Count' | 'Milliseconds';
  dimension: { name: string; values: readonly string[] } | undefined;
  question: string;
}
export type MetricName = keyof typeof METRICS;

/** The namespace in CloudWatch. */
export const NAMESPACE = 'Nodeless';

export interface Measure {
  name: MetricName;
  value: number;
  /** Of the metric's dimension. */
  of?: string;
}

/** Where measures go. Never throws. */
export interface Metrics {
  record(measure: Measure): void;
}
