import { z } from 'zod';
import type { Decision } from '../identity/decide.ts';
import type { Evidence } from '../identity/evidence.ts';
import type { JsonObject } from '../json.ts';

const item = z.object({ kind: z.string(), value: z.string() });

/** What both hooks on the way of a machine are told: what it shows, and what Nodeless makes of it. */
export const identityRequest = z.object({
  evidence: z.array(item).describe('What the machine shows, normalised: mac, system_serial, system_uuid, …'),
  profile: z.record(z.string(), z.json()).describe('Facts of its hardware: vendor, model, cpus, memory_mb, local_gb …'),
  verdict: z.enum(['none', 'conflict']).describe('The built-in decision: it is nobody’s, or not clearly one’s'),
  candidates: z
    .array(z.object({ node: z.guid(), name: z.string().nullable(), score: z.number(), threshold: z.number() }))
    .describe('Nodes that its evidence points to, best first'),
  reasons: z.array(z.string()).describe('The explanation, a line each'),
});

export function identityBody(evidence: Evidence, decision: Decision): JsonObject {
  return {
    evidence: evidence.items.map(({ kind, value }) => ({ kind, value })),
    profile: evidence.profile,
    verdict: decision.verdict,
    candidates: decision.explanation.candidates.map(({ node, name, score, threshold }) => ({
      node,
      name,
      score,
      threshold,
    })),
    reasons: decision.reasons,
  };
}
