import { macsOf, oneSpelled } from '../../../shared/identity/evidence.ts';
import type { Submission } from '../../../shared/inbox/submission.ts';
import type { JsonObject } from '../../../shared/json.ts';
import type { NodeEvent } from '../../../shared/node/node.ts';
import { links } from '../../../shared/resource/view.ts';

/** A row of the inbox in a list. */
export function entry(row: Submission, publicUrl: string): JsonObject {
  const { profile } = row.evidence;
  return {
    uuid: row.uuid,
    state: row.state,
    macs: macsOf(row.evidence),
    serial: oneSpelled(row.evidence, 'system_serial') ?? null,
    vendor: profile['vendor'] ?? null,
    model: profile['model'] ?? null,
    reason: row.reason,
    policy: row.policy,
    candidates: row.candidates,
    node: row.node,
    first_seen_at: row.first_seen_at,
    last_seen_at: row.last_seen_at,
    count: row.count,
    decided_by: row.decided_by,
    decided_at: row.decided_at,
    links: links(publicUrl, `nodeless/inbox/${row.uuid}`),
  };
}

/** With everything that a person needs to decide. */
export function entryInFull(row: Submission, history: readonly NodeEvent[], publicUrl: string): JsonObject {
  const { evidence, explanation, passed, reasons, source, has_inventory, decision } = row;
  const more = { evidence, explanation, passed, reasons, source, has_inventory, decision };
  return { ...entry(row, publicUrl), ...(more as unknown as JsonObject), history: history.map(told) };
}

export const told = ({ uuid, created_at, event_type, event, user, severity, detail }: NodeEvent): JsonObject => ({
  uuid,
  created_at,
  event_type,
  event,
  user,
  severity,
  detail,
});
