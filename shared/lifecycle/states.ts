/**
 * Every provision state with everything that anybody asks about it. One row a state, one column a fact.
 * Strings are Ironic's (operator-api.md §4.1); `lookup` and `heartbeat` follow agent-contract.md §2.3 and §2.7.
 */
export type StateClass = 'stable' | 'busy' | 'wait' | 'hold' | 'failure';

export interface State {
  readonly name: string;
  readonly class: StateClass;
  /** States of one group hand their target on to each other: a manual clean stays on its way to `manageable`. */
  readonly group: string;
  /** What target_provision_state shows when nothing says otherwise. */
  readonly target: string | null;
  /** Whether a ramdisk may look itself up here. */
  readonly lookup: 'always' | 'fast-track' | 'never';
  /** What a heartbeat may do: move a run on, be recorded, or be recorded only on the fast track. */
  readonly heartbeat: 'progress' | 'record' | 'fast-track';
  /** DELETE is allowed without maintenance. */
  readonly deletable: boolean;
  /** PATCH is allowed although a target may be set. */
  readonly editable: boolean;
  /** Interfaces and a set resource class may change without maintenance. */
  readonly rewirable: boolean;
  /** Ports may be rewired without maintenance (`available` is not among them: T15). */
  readonly portsRewirable: boolean;
}

type Column = [
  name: string,
  className: StateClass,
  group: string,
  target: string | null,
  lookup: State['lookup'],
  heartbeat: State['heartbeat'],
  /** d = deletable, e = editable, r = rewirable, p = ports rewirable */
  flags: string,
];

// biome-ignore format: a table reads best with its columns aligned
const ROWS: readonly Column[] = [
  ['enroll',          'stable',  'enroll',   null,         'fast-track', 'fast-track', 'derp'],
  ['verifying',       'busy',    'enroll',   'manageable', 'never',      'fast-track', 'e'],
  ['manageable',      'stable',  'manage',   null,         'fast-track', 'fast-track', 'derp'],
  ['available',       'stable',  'provide',  null,         'fast-track', 'fast-track', 'der'],
  ['active',          'stable',  'instance', null,         'never',      'fast-track', 'e'],
  ['error',           'stable',  'instance', null,         'never',      'fast-track', 'e'],
  ['rescue',          'stable',  'instance', null,         'never',      'fast-track', 'e'],
  ['inspecting',      'busy',    'inspect',  'manageable', 'always',     'fast-track', 'erp'],
  ['inspect wait',    'wait',    'inspect',  'manageable', 'always',     'fast-track', 'erp'],
  ['inspect failed',  'failure', 'inspect',  'manageable', 'never',      'fast-track', 'e'],
  ['cleaning',        'busy',    'clean',    'available',  'always',     'record',     ''],
  ['clean wait',      'wait',    'clean',    'available',  'always',     'progress',   ''],
  ['clean hold',      'hold',    'clean',    'available',  'never',      'record',     ''],
  ['clean failed',    'failure', 'clean',    'available',  'never',      'fast-track', 'e'],
  ['deploying',       'busy',    'deploy',   'active',     'always',     'record',     ''],
  ['wait call-back',  'wait',    'deploy',   'active',     'always',     'progress',   ''],
  ['deploy hold',     'hold',    'deploy',   'active',     'never',      'record',     ''],
  ['deploy failed',   'failure', 'deploy',   'active',     'never',      'fast-track', 'e'],
  ['deleting',        'busy',    'undeploy', 'available',  'never',      'fast-track', ''],
  ['adopting',        'busy',    'adopt',    'active',     'never',      'fast-track', ''],
  ['adopt failed',    'failure', 'adopt',    'active',     'never',      'fast-track', 'de'],
  ['rescuing',        'busy',    'rescue',   'rescue',     'always',     'record',     ''],
  ['rescue wait',     'wait',    'rescue',   'rescue',     'always',     'progress',   ''],
  ['rescue failed',   'failure', 'rescue',   'rescue',     'never',      'fast-track', 'e'],
  ['unrescuing',      'busy',    'unrescue', 'active',     'never',      'fast-track', ''],
  ['unrescue failed', 'failure', 'unrescue', 'active',     'never',      'fast-track', 'e'],
  ['servicing',       'busy',    'service',  'active',     'fast-track', 'record',     ''],
  ['service wait',    'wait',    'service',  'active',     'always',     'progress',   ''],
  ['service hold',    'hold',    'service',  'active',     'fast-track', 'record',     'e'],
  ['service failed',  'failure', 'service',  'active',     'never',      'fast-track', 'e'],
];

export const STATES: readonly State[] = ROWS.map(([name, className, group, target, lookup, heartbeat, flags]) => ({
  name,
  class: className,
  group,
  target,
  lookup,
  heartbeat,
  deletable: flags.includes('d'),
  editable: flags.includes('e'),
  rewirable: flags.includes('r'),
  portsRewirable: flags.includes('p'),
}));

const BY_NAME = new Map(STATES.map((state) => [state.name, state]));

export function isState(name: string): boolean {
  return BY_NAME.has(name);
}

/** The facts of a state. A row with an unknown state is a bug of ours, never a caller's mistake. */
export function stateOf(name: string): State {
  const state = BY_NAME.get(name);
  if (state === undefined) throw new Error(`unknown provision state ${name}`);
  return state;
}

export function lookupAllowed(name: string, fastTrack: boolean): boolean {
  const { lookup } = stateOf(name);
  return lookup === 'always' || (lookup === 'fast-track' && fastTrack);
}

export function heartbeatAllowed(name: string, fastTrack: boolean): boolean {
  return stateOf(name).heartbeat !== 'fast-track' || fastTrack;
}
