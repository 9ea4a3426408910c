import { InvalidInput } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { runbookSteps } from '../lifecycle/steps.ts';
import type { Node } from '../node/node.ts';
import { boolean, isLogicalName, nullable, object, text, uuid } from '../resource/checks.ts';
import { fieldTable } from '../resource/field.ts';
import type { Resource } from '../resource/resource.ts';
import type { Stored } from '../resource/resource-store.ts';
import { isTrait, traitList } from '../resource/trait.ts';

/** Steps for cleaning or service under a name, allowed on nodes that carry its trait. */
export interface Runbook extends Stored {
  name: string;
  steps: JsonObject[];
  disable_ramdisk: boolean;
  public: boolean;
  owner: string | null;
  extra: JsonObject;
  description: string | null;
  traits: string[];
}

const FREE_NAMES_SINCE = 112;

// biome-ignore format: a table reads best with its columns aligned
const RUNBOOK_FIELDS = fieldTable([
  ['uuid',            92,  'c',  uuid],
  ['name',            92,  'cp', text({ min: 1 })],
  ['steps',           92,  'cp', runbookSteps],
  ['disable_ramdisk', 92,  'cp', boolean, false],
  ['public',          92,  'cp', boolean, false],
  ['owner',           92,  'cp', nullable(text()), null],
  ['extra',           92,  'cp', object, {}],
  ['description',     112, 'cp', nullable(text()), null],
  ['traits',          112, '', traitList, []],
  ['created_at',      92,  ''],
  ['updated_at',      92,  ''],
]);

export const RUNBOOK: Resource = {
  kind: 'runbook',
  noun: 'runbook',
  collection: 'runbooks',
  path: 'runbooks',
  param: 'runbook',
  fields: RUNBOOK_FIELDS,
  short: ['uuid', 'name'],
  mandatory: ['name', 'steps'],
  unsortable: ['extra', 'steps', 'traits'],
  masked: ['steps'],
  unique: [['name']],
  namedSince: 92,
  gates: { read: [92, 404], write: [92, 405] },
  filters: {},
  detailSince: 92,
};

/** Before 1.112 the name was the trait. A runbook is somebody's or everybody's. */
export function checkRunbook(runbook: Pick<Runbook, 'name' | 'public' | 'owner'>, minor: number): void {
  const named = minor < FREE_NAMES_SINCE ? isTrait(runbook.name) : isLogicalName(runbook.name);
  if (!named) throw new InvalidInput(`Invalid runbook name ${runbook.name}`);
  if (runbook.public && runbook.owner !== null) throw new InvalidInput('A public runbook can not have an owner');
}

/** The steps for a node, or the refusal. */
export function stepsFor(runbook: Runbook, node: Pick<Node, 'uuid' | 'traits'>): JsonObject[] {
  const allowed = runbook.traits.length > 0 ? runbook.traits : [runbook.name];
  if (!allowed.some((one) => node.traits.includes(one))) {
    throw new InvalidInput(
      `Runbook ${runbook.name} needs one of the traits ${allowed.join(', ')} on node ${node.uuid}.`,
    );
  }
  return [...runbook.steps].sort((a, b) => Number(a.order) - Number(b.order));
}

/** The body with the runbook's steps in the runbook's place. Without a ramdisk if the request or else the runbook says so. */
export function resolved(body: JsonObject, runbook: Runbook, node: Pick<Node, 'uuid' | 'traits'>): JsonObject {
  const { runbook: _runbook, ...rest } = body;
  const key = body.target === 'clean' ? 'clean_steps' : 'service_steps';
  if (rest.clean_steps !== undefined || rest.service_steps !== undefined) {
    throw new InvalidInput('Either a runbook or steps, not both');
  }
  const without = runbook.disable_ramdisk ? { disable_ramdisk: true } : {};
  return { ...without, ...rest, [key]: stepsFor(runbook, node) };
}
