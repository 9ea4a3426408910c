import { z } from 'zod';
import { EVIDENCE_KINDS } from '../../shared/identity/kinds.ts';

const kind = z.enum(EVIDENCE_KINDS);
const points = z.int().min(0).max(1000);
/** A text in which `*` stands for any text. */
const value = z.string().min(1).max(255);

/** `matching` of the configuration: what is left out comes from the preset. */
export const matchingSchema = z
  .strictObject({
    preset: z.enum(['nodeless', 'ironic']).describe("ironic: any MAC of one node and nothing else, as Ironic's lookup"),
    weights: z
      .partialRecord(
        kind,
        z.strictObject({ for: points, against: points, more: points, most: points, whole: points }).partial(),
      )
      .describe(
        'Points of a kind that agrees (for; more for each further value, up to most; whole if all that the node lists do) or contradicts (against)',
      ),
    threshold: points.min(1).describe('Points that make a match'),
    firstThreshold: points.min(1).describe('Points for a node that has no MAC yet'),
    vetoes: z.array(kind).describe('Kinds of which a contradiction is never outweighed'),
    ignoredValues: z
      .partialRecord(z.union([kind, z.literal('any')]), z.array(value))
      .describe('Values that say nothing, beside the built-in ones, by kind; * stands for any text'),
    hook: z
      .strictObject({
        name: z.string().min(1),
        timeoutSeconds: z.int().min(1).max(10),
        fallback: z.enum(['built-in', 'hold', 'deny']),
      })
      .describe('A hook of `hooks`, asked after the built-in decision; its fallback when it gives no usable answer'),
  })
  .partial();
