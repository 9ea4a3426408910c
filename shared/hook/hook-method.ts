import { z } from 'zod';
import { InvalidInput } from '../errors.ts';
import type { JsonObject } from '../json.ts';

export const HOOK_VERBS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** A vendor method that a hook offers, as the configuration declares it. */
export interface HookMethod {
  description: string;
  /** Default: POST. */
  verbs?: readonly (typeof HOOK_VERBS)[number][];
  /** Who may call it; default: operators. A machine calls it for its own node only. */
  audience?: 'operator' | 'agent';
  /** Answered at once with 202, and with a result to ask for; default: false. */
  async?: boolean;
  /** The answer is a text and is given as it is; default: false. */
  attach?: boolean;
  /** Of one node. */
  perMinute?: number;
  /** JSON Schema of an object; default: no arguments. */
  arguments?: JsonObject | undefined;
}

/** The arguments of a method as a schema that checks them. Throws `InvalidInput` for what is no schema of an object. */
export function argumentSchema({ arguments: given }: Pick<HookMethod, 'arguments'>): z.ZodType {
  if (given === undefined) return z.strictObject({});
  if (given.type !== 'object') throw new InvalidInput('arguments: a JSON Schema with "type": "object"');
  try {
    // What is not declared is refused unless the schema says otherwise.
    return z.fromJSONSchema({ additionalProperties: false, ...given } as Parameters<typeof z.fromJSONSchema>[0]);
  } catch (error) {
    throw new InvalidInput(`arguments: ${error instanceof Error ? error.message : 'no JSON Schema'}`);
  }
}
