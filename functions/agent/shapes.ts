import { z } from 'zod';
import type { Arguments } from '../../shared/resource/query.ts';
import { links, type Shape } from '../shape.ts';
import { bootQuery } from './boot.ts';
import { inventorySchema, lookupQuery } from './evidence-from-request.ts';
import { HEARTBEAT_FIELDS } from './heartbeat.ts';

const text = z.string();
const document = z.looseObject({});
const inventory = inventorySchema.extend({});
const node = z.object({
  uuid: text,
  properties: document,
  instance_info: document,
  driver_internal_info: document,
  links,
});
const config = z.looseObject({
  heartbeat_timeout: z.number().describe('Seconds'),
  agent_token: text.nullable(),
  agent_token_required: z.boolean(),
});
const found = z.object({ node, config });
const beat = z
  .strictObject(
    Object.fromEntries(
      Object.entries(HEARTBEAT_FIELDS).map(([name, since]) => [
        name,
        text.nullable().meta({ 'x-nodeless-since': `1.${since}` }),
      ]),
    ),
  )
  .partial();
const keys = (schema: z.ZodObject): Arguments =>
  Object.fromEntries(Object.keys(schema.shape).map((name) => [name, ['string', 1]]));

/** Of every call of the agent API. */
export const AGENT_SHAPES: Readonly<Record<string, Shape>> = {
  'agent/root': { status: 200, answer: document },
  'agent/v1': { status: 200, answer: document },
  'agent/boot': { query: keys(bootQuery), status: 200, media: 'text/plain' },
  'agent/parameters': { status: [200, 206], media: 'application/x-iso9660-image' },
  'agent/medium': { status: [200, 206], media: 'application/x-iso9660-image' },
  'agent/lookup': {
    since: 22,
    query: keys(lookupQuery),
    request: z.looseObject({ inventory, node_uuid: text.nullish() }),
    status: 200,
    answer: found,
  },
  'agent/heartbeat': { since: 22, request: beat, status: 202 },
  'agent/inspection': {
    request: z.looseObject({ inventory, logs: text.nullish() }),
    status: 200,
    answer: z.object({ uuid: text }),
  },
  'agent/legacy-lookup': {
    request: z.looseObject({ version: z.union([text, z.int()]), inventory, node_uuid: text.nullish() }),
    status: 200,
    answer: z.object({ heartbeat_timeout: z.number(), node }),
  },
  'agent/legacy-heartbeat': { request: z.looseObject({ agent_url: text }), status: 202 },
  'agent/passthru#methods': { status: 200, answer: z.record(text, document) },
  'agent/passthru#call': { request: document, status: [200, 202], answer: z.unknown() },
};
