import { z } from 'zod';
import { continueInspection } from '../../shared/agent/inspection.ts';
import type { JsonObject } from '../../shared/json.ts';
import type { Handler } from '../services.ts';
import { callerOf } from './caller.ts';
import { inventorySchema, parse } from './evidence-from-request.ts';
import type { LookupServices } from './lookup.ts';

const body = z.looseObject({
  inventory: inventorySchema.refine((inventory) => inventory.interfaces.length > 0, 'interfaces must not be empty'),
  logs: z.string().nullish(),
});

/** Always a JSON object with `uuid`: an empty answer kills the agent (contract §1.6). */
export function inspectionHandler(services: LookupServices): Handler {
  return async (request) => {
    const posted = parse(body, request.body);
    const { node, decision, reasons } = await continueInspection(posted as JsonObject, services, callerOf(request));
    return {
      status: 200,
      body: { uuid: node.uuid },
      journal: { node: node.uuid, decision, reason: reasons.join('; ') },
    };
  };
}
