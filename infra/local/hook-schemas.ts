import { z } from 'zod';
import {
  managementReply,
  managementRequest,
  powerReply,
  powerRequest,
  vendorReply,
  vendorRequest,
} from '../../shared/hook/driver-hook.ts';
import { enrollReply, enrollRequest } from '../../shared/hook/enroll-hook.ts';
import type { HookPurpose } from '../../shared/hook/hook-port.ts';
import { matchReply, matchRequest } from '../../shared/hook/match-hook.ts';

const SCHEMAS: Record<HookPurpose, { request: z.ZodType; reply: z.ZodType }> = {
  match: { request: matchRequest, reply: matchReply },
  enroll: { request: enrollRequest, reply: enrollReply },
  power: { request: powerRequest, reply: powerReply },
  management: { request: managementRequest, reply: managementReply },
  vendor: { request: vendorRequest, reply: vendorReply },
};

/** File name → JSON Schema, for whoever writes a hook in whatever language. */
export function hookSchemas(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(SCHEMAS).flatMap(([purpose, { request, reply }]) => [
      [`${purpose}.request.json`, written(`What a hook is asked: ${purpose}`, envelope(purpose, request))],
      [`${purpose}.reply.json`, written(`What a hook answers: ${purpose}`, reply)],
    ]),
  );
}

const envelope = (purpose: string, request: z.ZodType) =>
  z.object({
    hook: z.string().describe('Its name in the configuration'),
    purpose: z.literal(purpose),
    idempotency_key: z.string().describe('The same for every repetition of one question'),
    request,
  });

// As it is sent: what a reader of JSON may leave out has its default.
const written = (title: string, schema: z.ZodType): string =>
  `${JSON.stringify({ title, ...z.toJSONSchema(schema, { io: 'input' }) }, null, 2)}\n`;
