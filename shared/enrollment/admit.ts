import { type Clock, timestamp } from '../clock.ts';
import type { Configuration } from '../configuration.ts';
import type { Decision } from '../identity/decide.ts';
import type { Evidence } from '../identity/evidence.ts';
import { linesOf } from '../identity/explanation.ts';
import type { Submission } from '../inbox/submission.ts';
import type { TokenCheck } from '../join-token/check-token.ts';
import type { JsonObject } from '../json.ts';
import type { Node } from '../node/node.ts';
import type { Beside, NodeStore } from '../node/node-store.ts';
import { type Verdict, verdictLines } from './decide-enrolment.ts';
import { briefly, keptDecision } from './kept-decision.ts';
import { newMachine } from './new-machine.ts';

export interface AdmitDependencies {
  nodes: Pick<NodeStore, 'create'>;
  clock: Clock;
  ids: { uuid(): string };
  configuration: Pick<Configuration, 'enrollment'>;
}

/** The machine becomes a node, its row in the inbox is settled and its token used, in one transaction. */
export async function admit(
  what: {
    evidence: Evidence;
    decision: Decision;
    verdict: Verdict;
    token: TokenCheck;
    waiting: Submission | undefined;
    nameTaken: boolean;
    /** Where it asked from. */
    address: string | undefined;
  },
  given: AdmitDependencies,
): Promise<Node> {
  const { evidence, decision, verdict, token, waiting, nameTaken, address } = what;
  const created_at = timestamp(given.clock.now());
  const shape = verdict.policy?.node ?? {};
  const { node, ports } = newMachine(evidence, shape, {
    settings: given.configuration.enrollment,
    created_at,
    uuid: () => given.ids.uuid(),
    nameTaken,
  });
  const { explanation } = decision;
  const detail: JsonObject = {
    ...keptDecision({
      evidence,
      explanation,
      reasons: [...linesOf(briefly(explanation)), ...verdictLines(verdict)],
      reason: verdict.reason,
      source: { address: address ?? null, join_token: token.verdict === 'good' ? token.uuid : null },
    }),
    policy: verdict.policy?.name ?? null,
    ...(waiting && { submission: waiting.uuid }),
  };
  const beside: Beside[] = token.verdict === 'good' ? [{ change: 'use', token: token.uuid }] : [];
  if (waiting) beside.push(settledByPolicy(waiting, node.uuid, verdict, created_at));
  const event = `Enrolled by its own report: ${verdict.reason}`;
  const events = [{ event_type: 'enrolled', event, severity: 'INFO' as const, user: 'policy', detail }];
  return given.nodes.create(node, ports, events, beside);
}

/** The machine waited in the inbox, and now a policy lets it in. */
function settledByPolicy(row: Submission, node: string, { reason, policy }: Verdict, at: string): Beside {
  const item: Submission = {
    ...row,
    state: 'approved',
    node,
    decision: { as: 'policy', node, reason },
    decided_by: `policy ${policy?.name ?? ''}`.trim(),
    decided_at: at,
    last_seen_at: at,
  };
  const event = `approved as node ${node}: ${reason}`;
  const told = { event_type: 'decided', event, severity: 'INFO' as const, user: 'policy', detail: { node } };
  return { change: 'replace', kind: 'submission', item, events: [told] };
}
