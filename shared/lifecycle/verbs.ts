import type { FlowName } from '../run/run.ts';

/** A word of `PUT …/states/provision` (operator-api.md §4.4). */
export interface Verb {
  readonly name: string;
  /** First microversion. */
  readonly since: number;
  /** The flow that carries it out; null = nothing to carry out, the row changes and that is all. */
  readonly flow: FlowName | null;
  readonly maintenance: 'allowed' | 'refused';
  /** Would destroy the instance of a protected node. */
  readonly refusedWhenProtected: boolean;
  /** Body keys that belong to it. */
  readonly keys: readonly string[];
}

type Row = [string, number, FlowName | null, Verb['maintenance'], 'protects' | '', string[]];

// biome-ignore format: a table reads best with its columns aligned
const ROWS: readonly Row[] = [
  ['manage',   4,   'verify',   'allowed', '',         []],
  ['provide',  4,   'provide',  'allowed', '',         []],
  ['inspect',  6,   'inspect',  'allowed', '',         []],
  ['active',   1,   'deploy',   'refused', '',         ['configdrive', 'deploy_steps']],
  ['deploy',   73,  'deploy',   'refused', '',         []],
  ['rebuild',  1,   'rebuild',  'refused', 'protects', ['configdrive', 'deploy_steps']],
  ['deleted',  1,   'undeploy', 'allowed', 'protects', []],
  ['undeploy', 73,  'undeploy', 'allowed', 'protects', []],
  ['clean',    15,  'clean',    'refused', '',         ['clean_steps', 'disable_ramdisk', 'runbook']],
  ['abort',    13,  null,       'allowed', '',         []],
  ['adopt',    17,  'adopt',    'allowed', '',         []],
  ['rescue',   38,  'rescue',   'refused', '',         ['rescue_password']],
  ['unrescue', 38,  'unrescue', 'refused', '',         []],
  ['service',  87,  'service',  'refused', '',         ['service_steps', 'disable_ramdisk', 'runbook']],
  ['unhold',   85,  null,       'allowed', '',         []],
];

export const VERBS: readonly Verb[] = ROWS.map(([name, since, flow, maintenance, protects, keys]) => ({
  name,
  since,
  flow,
  maintenance,
  refusedWhenProtected: protects === 'protects',
  keys,
}));

export function verbOf(name: string): Verb | undefined {
  return VERBS.find((verb) => verb.name === name);
}
