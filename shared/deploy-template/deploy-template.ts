import type { JsonObject } from '../json.ts';
import { templateSteps } from '../lifecycle/steps.ts';
import type { Node } from '../node/node.ts';
import { object, uuid } from '../resource/checks.ts';
import { fieldTable } from '../resource/field.ts';
import type { Resource } from '../resource/resource.ts';
import type { Stored } from '../resource/resource-store.ts';
import { trait } from '../resource/trait.ts';

/** Steps that a deploy gets when the instance asks for the trait that the template is named after. */
export interface DeployTemplate extends Stored {
  name: string;
  steps: JsonObject[];
  extra: JsonObject;
}

// biome-ignore format: a table reads best with its columns aligned
const DEPLOY_TEMPLATE_FIELDS = fieldTable([
  ['uuid',       55, 'c',  uuid],
  ['name',       55, 'cp', trait],
  ['steps',      55, 'cp', templateSteps],
  ['extra',      55, 'cp', object, {}],
  ['created_at', 55, ''],
  ['updated_at', 55, ''],
]);

export const DEPLOY_TEMPLATE: Resource = {
  kind: 'deploy_template',
  noun: 'deploy template',
  collection: 'deploy_templates',
  path: 'deploy_templates',
  param: 'template',
  fields: DEPLOY_TEMPLATE_FIELDS,
  short: ['uuid', 'name'],
  mandatory: ['name', 'steps'],
  unsortable: ['extra', 'steps'],
  masked: ['steps'],
  unique: [['name']],
  namedSince: 55,
  gates: { read: [55, 404], write: [55, 405] },
  filters: {},
  detailSince: 55,
};

/** Traits that the instance asks for, by an allocation or by hand. */
export function instanceTraits(node: Pick<Node, 'instance_info'>): string[] {
  const { traits } = node.instance_info;
  return Array.isArray(traits) ? traits.filter((one): one is string => typeof one === 'string') : [];
}

/** What the operator sent wins over a template's step of the same name; of two templates the first by name wins. */
export function withTemplates(
  node: Pick<Node, 'instance_info'>,
  templates: readonly DeployTemplate[],
  requested: readonly JsonObject[],
): JsonObject[] {
  const wanted = instanceTraits(node);
  const steps = [...requested];
  const chosen = templates.filter(({ name }) => wanted.includes(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const step of chosen.flatMap((template) => template.steps)) {
    if (!steps.some((known) => known.interface === step.interface && known.step === step.step)) steps.push(step);
  }
  return steps;
}
