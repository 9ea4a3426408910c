import { InvalidInput } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { boolean, described, nullable, text, uuid } from '../resource/checks.ts';
import { fieldTable } from '../resource/field.ts';
import type { Resource } from '../resource/resource.ts';
import type { Stored } from '../resource/resource-store.ts';
import { actions, conditions } from './rule-checks.ts';

/** What happens to a node when its inventory arrives (agent-contract.md §4.7). */
export interface InspectionRule extends Stored {
  description: string | null;
  priority: number;
  phase: string | null;
  sensitive: boolean;
  conditions: JsonObject[];
  actions: JsonObject[];
}

const HIGHEST_PRIORITY = 9999;

const priority = described({ type: 'integer', minimum: 0, maximum: HIGHEST_PRIORITY }, (value, name) => {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= HIGHEST_PRIORITY) return value;
  throw new InvalidInput(`${name} must be an integer between 0 and ${HIGHEST_PRIORITY}`);
});

const phase = described({ enum: ['main', null] }, (value, name) => {
  if (value === null || value === 'main') return value;
  throw new InvalidInput(`${name} must be main`);
});

// biome-ignore format: a table reads best with its columns aligned
const INSPECTION_RULE_FIELDS = fieldTable([
  ['uuid',        96, 'c',  uuid],
  ['description', 96, 'cp', nullable(text()), null],
  ['priority',    96, 'cp', priority, 0],
  ['phase',       96, 'cp', phase, 'main'],
  ['sensitive',   96, 'cp', boolean, false],
  ['conditions',  96, 'cp', conditions, []],
  ['actions',     96, 'cp', actions],
  ['created_at',  96, ''],
  ['updated_at',  96, ''],
]);

export const INSPECTION_RULE: Resource = {
  kind: 'inspection_rule',
  noun: 'inspection rule',
  collection: 'inspection_rules',
  path: 'inspection_rules',
  param: 'rule',
  fields: INSPECTION_RULE_FIELDS,
  short: ['uuid', 'priority', 'phase', 'description'],
  mandatory: ['actions'],
  unsortable: ['actions', 'conditions'],
  unique: [],
  gates: { read: [96, 404], write: [96, 405] },
  filters: { phase: ['string', 96] },
  detailSince: 96,
  visible: (rule) => (rule.sensitive === true ? { ...rule, conditions: null, actions: null } : rule),
};

/** Once hidden, the rule stays hidden: a change of the flag must not show what is in it. */
export function guardSensitive(before: JsonObject, after: JsonObject): void {
  if (before.sensitive === true && after.sensitive !== true)
    throw new InvalidInput('The sensitive flag can not be switched off again');
}
