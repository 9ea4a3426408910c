/**
 * Every way from one provision state to another (operator-api.md §4.2 and §4.3). What is not here does not happen.
 */
export interface Transition {
  readonly from: string;
  readonly event: string;
  readonly to: string;
  /** An operator asks for it with `PUT …/states/provision`, or a run reports it. */
  readonly by: 'operator' | 'run';
  /** Where it is going, when the state's own target is not it. */
  readonly target?: string;
  /** First microversion of the verb in this state, when later than the verb's own. */
  readonly since?: number;
}

/** Columns: from, verbs, to, and what is special. */
type VerbRow = [from: string, verbs: string, to: string, special?: { target?: string; since?: number }];

// biome-ignore format: a table reads best with its columns aligned
const VERB_ROWS: readonly VerbRow[] = [
  ['enroll',          'manage',                'verifying'],
  ['manageable',      'provide',               'cleaning'],
  ['manageable',      'inspect',               'inspecting'],
  ['manageable',      'clean',                 'cleaning', { target: 'manageable' }],
  ['manageable',      'adopt',                 'adopting'],
  ['available',       'manage',                'manageable'],
  ['available',       'active deploy',         'deploying'],
  ['active',          'rebuild',               'deploying'],
  ['active',          'deleted undeploy',      'deleting'],
  ['active',          'rescue',                'rescuing'],
  ['active',          'service',               'servicing'],
  ['deploy failed',   'active deploy rebuild', 'deploying'],
  ['deploy failed',   'deleted undeploy',      'deleting'],
  ['wait call-back',  'deleted undeploy',      'deleting'],
  ['wait call-back',  'abort',                 'deploy failed', { since: 110 }],
  ['deploy hold',     'abort',                 'deploy failed'],
  ['deploy hold',     'unhold',                'wait call-back'],
  ['error',           'deleted undeploy',      'deleting'],
  ['error',           'rebuild',               'deploying'],
  ['clean wait',      'abort',                 'clean failed'],
  ['clean hold',      'abort',                 'clean failed'],
  ['clean hold',      'unhold',                'clean wait'],
  ['clean failed',    'manage',                'manageable'],
  ['inspect wait',    'abort',                 'inspect failed', { since: 41 }],
  ['inspect failed',  'manage',                'manageable'],
  ['inspect failed',  'inspect',               'inspecting'],
  ['adopt failed',    'manage',                'manageable'],
  ['adopt failed',    'adopt',                 'adopting'],
  ['rescue',          'rescue',                'rescuing'],
  ['rescue',          'unrescue',              'unrescuing'],
  ['rescue',          'deleted undeploy',      'deleting'],
  ['rescue wait',     'abort',                 'rescue failed'],
  ['rescue wait',     'deleted undeploy',      'deleting'],
  ['rescue failed',   'rescue',                'rescuing'],
  ['rescue failed',   'unrescue',              'unrescuing'],
  ['rescue failed',   'deleted undeploy',      'deleting'],
  ['unrescue failed', 'rescue',                'rescuing'],
  ['unrescue failed', 'unrescue',              'unrescuing'],
  ['unrescue failed', 'deleted undeploy',      'deleting'],
  ['service wait',    'abort',                 'active'],
  ['service wait',    'deleted undeploy',      'deleting'],
  ['service hold',    'abort',                 'active'],
  ['service hold',    'service',               'servicing'],
  ['service hold',    'unhold',                'service wait'],
  ['service failed',  'abort',                 'active'],
  ['service failed',  'service',               'servicing'],
  ['service failed',  'rescue',                'rescuing'],
  ['service failed',  'deleted undeploy',      'deleting'],
];

// biome-ignore format: a table reads best with its columns aligned
const RUN_ROWS: readonly [from: string, events: Record<string, string>][] = [
  ['verifying',      { done: 'manageable', fail: 'enroll' }],
  ['inspecting',     { wait: 'inspect wait', done: 'manageable', fail: 'inspect failed' }],
  ['inspect wait',   { resume: 'inspecting', done: 'manageable', fail: 'inspect failed' }],
  ['cleaning',       { wait: 'clean wait', hold: 'clean hold', done: 'available', manage: 'manageable', fail: 'clean failed' }],
  ['clean wait',     { resume: 'cleaning', hold: 'clean hold', fail: 'clean failed' }],
  ['clean hold',     { fail: 'clean failed' }],
  ['deploying',      { wait: 'wait call-back', hold: 'deploy hold', done: 'active', fail: 'deploy failed' }],
  ['wait call-back', { resume: 'deploying', hold: 'deploy hold', fail: 'deploy failed' }],
  ['deploy hold',    { fail: 'deploy failed' }],
  ['deleting',       { clean: 'cleaning', fail: 'error' }],
  ['adopting',       { done: 'active', fail: 'adopt failed' }],
  ['rescuing',       { wait: 'rescue wait', done: 'rescue', fail: 'rescue failed' }],
  ['rescue wait',    { resume: 'rescuing', fail: 'rescue failed' }],
  ['unrescuing',     { done: 'active', fail: 'unrescue failed' }],
  ['servicing',      { wait: 'service wait', hold: 'service hold', done: 'active', fail: 'service failed' }],
  ['service wait',   { resume: 'servicing', hold: 'service hold', fail: 'service failed' }],
  ['service hold',   { fail: 'service failed' }],
  ['service failed', { wait: 'service wait', hold: 'service hold' }],
];

export const TRANSITIONS: readonly Transition[] = [
  ...VERB_ROWS.flatMap(([from, verbs, to, special]) =>
    verbs.split(' ').map((event): Transition => ({ from, event, to, by: 'operator', ...special })),
  ),
  ...RUN_ROWS.flatMap(([from, events]) =>
    Object.entries(events).map(([event, to]): Transition => ({ from, event, to, by: 'run' })),
  ),
];

const BY_KEY = new Map(TRANSITIONS.map((row) => [`${row.from}/${row.event}`, row]));

/** What an operator may ask for in a state. */
export const verbsFrom = (state: string): string[] =>
  TRANSITIONS.flatMap(({ from, event, by }) => (from === state && by === 'operator' ? [event] : []));

export function transitionFrom(state: string, event: string): Transition | undefined {
  return BY_KEY.get(`${state}/${event}`);
}
