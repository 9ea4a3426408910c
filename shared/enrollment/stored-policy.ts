import { isHardwareType } from '../drivers/registry.ts';
import { InvalidInput } from '../errors.ts';
import type { JsonValue } from '../json.ts';
import { type Check, logicalName, nullable, text, uuid } from '../resource/checks.ts';
import { fieldTable } from '../resource/field.ts';
import type { Item, Resource } from '../resource/resource.ts';
import {
  conditionsSchema,
  hookSchema,
  limitsSchema,
  nodeShapeSchema,
  outcomeSchema,
  type Policy,
  policySchema,
} from './policy.ts';

interface Schema {
  safeParse(value: unknown): {
    success: boolean;
    data?: unknown;
    error?: { issues: { path: PropertyKey[]; message: string }[] } | undefined;
  };
}

/** A field that a schema describes. */
const shaped =
  (schema: Schema): Check =>
  (value, name) => {
    const checked = schema.safeParse(value);
    if (checked.success) return checked.data as JsonValue;
    const issue = checked.error?.issues[0];
    throw new InvalidInput(
      `Schema error for ${[name, ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? 'invalid'}`,
    );
  };
/** A driver that there is not would refuse every machine that the policy lets in. */
const nodeShape = nodeShapeSchema.refine(({ driver }) => driver === undefined || isHardwareType(driver), {
  path: ['driver'],
  message: 'no such driver; GET /v1/drivers lists them',
});
const priority: Check = (value, name) => {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 1_000_000) return value;
  throw new InvalidInput(`Schema error for ${name}: expected a whole number from 0 to 1000000`);
};

/** Policies that operators keep through the API: asked before those of the configuration, lowest `priority` first. */
export const POLICY: Resource = {
  kind: 'policy',
  noun: 'policy',
  collection: 'policies',
  path: 'nodeless/policies',
  param: 'policy',
  // biome-ignore format: a table reads best with its columns aligned
  fields: fieldTable([
    ['uuid',        1, 'c',  uuid],
    ['name',        1, 'cp', logicalName],
    ['description', 1, 'cp', nullable(text({ max: 1000 })), null],
    ['priority',    1, 'cp', priority, 100],
    ['conditions',  1, 'cp', shaped(conditionsSchema), {}],
    ['outcome',     1, 'cp', shaped(outcomeSchema)],
    ['node',        1, 'cp', shaped(nodeShape), {}],
    ['hook',        1, 'cp', nullable(shaped(hookSchema)), null],
    ['limits',      1, 'cp', shaped(limitsSchema), {}],
    ['created_at',  1, ''],
    ['updated_at',  1, ''],
  ]),
  short: ['uuid', 'name', 'description', 'priority', 'conditions', 'outcome', 'node', 'hook', 'limits'],
  mandatory: ['name', 'outcome'],
  unsortable: ['conditions', 'node', 'hook', 'limits'],
  unique: [['name']],
  namedSince: 1,
  gates: { read: [1, 404], write: [1, 404] },
  filters: {},
  detailSince: 1,
};

/** A hook that nobody declared would leave every machine to its fallback. Throws InvalidInput. */
export function checkHook({ hook }: Pick<Policy, 'hook'>, hooks: Readonly<Record<string, unknown>>): void {
  if (hook == null || Object.hasOwn(hooks, hook.name)) return;
  const declared = Object.keys(hooks).join(', ') || 'none';
  throw new InvalidInput(
    `policy: hook.name: no hook ${hook.name} is declared; of the configuration's hooks: ${declared}`,
  );
}

/** What each field alone cannot say: that the whole is a policy. Throws InvalidInput. */
export function policyOf({ name, description, conditions, outcome, node, hook, limits }: Item): Policy {
  const checked = policySchema.safeParse({ name, description, conditions, outcome, node, hook, limits });
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  throw new InvalidInput(`policy: ${issue?.path.join('.')}: ${issue?.message}`);
}
