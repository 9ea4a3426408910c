import { z } from 'zod';

/** A text in which `*` stands for any text; case does not matter. */
const glob = z.string().min(1).max(255);
const globs = z.union([glob, z.array(glob).min(1).max(100)]);
const range = z.strictObject({ min: z.number().nonnegative(), max: z.number().nonnegative() }).partial();
const name = z.string().regex(/^[A-Za-z0-9\-._~]{1,255}$/, 'letters, digits and -._~');
/** Nothing but fields in braces between literal characters: a template is filled in, never run. */
const template = z
  .string()
  .min(1)
  .max(255)
  .regex(
    /^([A-Za-z0-9\-._~]|\{(vendor|model|serial|mac|system_uuid|asset_tag|board_serial)\})+$/,
    'letters, digits, -._~ and {vendor}, {model}, {serial}, {mac}, {system_uuid}, {asset_tag}, {board_serial}',
  );

/** All that are given must hold. What only an inventory tells is asked of the inventory. */
export const conditionsSchema = z
  .strictObject({
    vendor: globs,
    model: globs,
    serial: globs,
    mac_prefix: globs.describe('Beginnings of MACs, of which one is enough'),
    cpu_arch: globs,
    cpus: range,
    memory_mb: range,
    local_gb: range.describe('Of the smallest disk, as properties.local_gb'),
    network: z
      .array(z.union([z.cidrv4(), z.cidrv6()]))
      .min(1)
      .describe('Where the request came from'),
    join_token: z
      .union([z.boolean(), globs])
      .describe('true: with any valid one; false: with none; else names of join tokens'),
  })
  .partial();

/** What the node becomes; what is left out comes from `enrollment` of the configuration. */
export const nodeShapeSchema = z
  .strictObject({
    driver: z.string().min(1).max(255),
    name: template,
    properties: z.record(z.string().max(255), z.unknown()),
    traits: z.array(z.string().regex(/^[A-Z][A-Z0-9_]{0,254}$/, 'a trait, as CUSTOM_GPU')).max(50),
    resource_class: z.string().min(1).max(80),
    owner: z.string().min(1).max(255),
    state: z.enum(['enroll', 'manageable', 'available']),
    provide_when_present: z
      .boolean()
      .describe('Written into driver_info: whether a machine that registers is provided'),
  })
  .partial();

export const hookSchema = z.strictObject({
  name: z.string().min(1).max(255).describe('Of the configuration’s `hooks`'),
  timeout_seconds: z.int().min(1).max(10).default(5),
  fallback: z.enum(['deny', 'hold', 'enroll']).default('hold'),
});

export const limitsSchema = z
  .strictObject({
    max: z.int().min(0).describe('Nodes that this policy enrols, ever'),
    per_minute: z.int().min(0).describe('Nodes that this policy enrols in a minute'),
  })
  .partial();

const OUTCOMES = ['deny', 'hold', 'enroll', 'hook'] as const;
export const outcomeSchema = z.enum(OUTCOMES);

/** One row of `enrollment.policies`; the stored ones have the same fields. */
export const policySchema = z
  .strictObject({
    name,
    description: z.string().max(1000).nullish(),
    conditions: conditionsSchema.default({}),
    outcome: outcomeSchema,
    node: nodeShapeSchema.default({}),
    hook: hookSchema.nullish(),
    limits: limitsSchema.default({}),
  })
  .refine(({ outcome, hook }) => outcome !== 'hook' || hook != null, {
    path: ['hook'],
    message: 'outcome hook needs it',
  });

export type Conditions = z.infer<typeof conditionsSchema>;
export type NodeShape = z.infer<typeof nodeShapeSchema>;
export type PolicyHook = z.infer<typeof hookSchema>;
export interface Policy {
  name: string;
  description?: string | null | undefined;
  conditions: Conditions;
  outcome: (typeof OUTCOMES)[number];
  node: NodeShape;
  hook?: PolicyHook | null | undefined;
  limits: z.infer<typeof limitsSchema>;
}
