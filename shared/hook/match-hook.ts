import { z } from 'zod';
import type { Decision } from '../identity/decide.ts';
import { type Evidence, valuesOf } from '../identity/evidence.ts';
import { identifiersOf } from '../identity/identifiers.ts';
import { labelOf } from '../identity/kinds.ts';
import { type Matching, rulesOf } from '../identity/matching.ts';
import type { Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';
import type { HookReply, Hooks } from './hook-port.ts';
import { identityBody, identityRequest } from './identity-request.ts';

/** Purpose `match`: whose machine is it, where the evidence alone does not say? A known machine is not asked about. */
export const matchRequest = identityRequest;
const reason = z.string().min(1).max(300).optional().describe('For people: it stands in the explanation');
export const matchReply = z.discriminatedUnion('verdict', [
  z.object({ verdict: z.literal('match'), node: z.guid().describe('Its uuid'), reason }),
  z.object({ verdict: z.literal('none'), reason }).describe('Nobody’s: the enrolment policies decide'),
  z.object({ verdict: z.literal('hold'), reason }).describe('A person decides'),
  z.object({ verdict: z.literal('deny'), reason }),
  z.object({ verdict: z.literal('built-in'), reason }).describe('As Nodeless has decided'),
]);
type Answer = z.output<typeof matchReply>;

export interface MatchHookTools {
  hooks: Hooks;
  nodes: Pick<NodeStore, 'get'>;
  ids: { uuid(): string };
  matching: Matching;
}

/**
 * The decision, as the hook wants it. What the hook may not say (a node that does not exist, one that the evidence vetoes,
 * "nobody's" of a machine with a node's MAC) is its failure, and its fallback counts. Throws only where the store does.
 */
export async function askMatchHook(evidence: Evidence, decision: Decision, tools: MatchHookTools): Promise<Decision> {
  const { hook } = tools.matching;
  if (hook === undefined || decision.verdict === 'match') return decision;
  const reply = await tools.hooks.call({
    hook: hook.name,
    purpose: 'match',
    idempotencyKey: tools.ids.uuid(),
    body: identityBody(evidence, decision),
    timeoutSeconds: hook.timeoutSeconds,
  });
  const read = await understood(reply, evidence, decision, tools);
  if ('answer' in read) return decided(decision, read.answer, read.node, `hook ${hook.name} says ${said(read.answer)}`);
  const notAsked = reply.kind === 'failed' && reply.because === 'not-asked';
  const verdict = notAsked && hook.fallback === 'built-in' ? 'hold' : hook.fallback;
  const because = `hook ${hook.name} gave no usable answer (${read.unusable}), so: ${verdict}`;
  return decided(decision, { verdict }, undefined, because);
}

type Read = { answer: Answer; node: Node | undefined } | { unusable: string };

async function understood(
  reply: HookReply,
  evidence: Evidence,
  decision: Decision,
  { nodes, matching }: MatchHookTools,
): Promise<Read> {
  if (reply.kind !== 'answered') return { unusable: reply.message };
  const checked = matchReply.safeParse(reply.body);
  if (!checked.success) return { unusable: 'it does not fit the schema of replies' };
  const answer = checked.data;
  if (answer.verdict === 'none' && decision.verdict === 'conflict') {
    return { unusable: 'it says that the machine is nobody’s, and it shows what a node has' };
  }
  if (answer.verdict !== 'match') return { answer, node: undefined };
  const node = await nodes.get(answer.node.toLowerCase());
  if (!node) return { unusable: `it names node ${answer.node}, which does not exist` };
  const veto = vetoOf(node, evidence, matching);
  if (veto !== undefined) return { unusable: `it names node ${node.uuid}, which has another ${veto}` };
  return { answer, node };
}

/** A kind of which a contradiction is never outweighed, by nobody. */
function vetoOf(node: Node, evidence: Evidence, matching: Matching): string | undefined {
  const { vetoes, ignoredValues } = rulesOf(matching);
  const has = identifiersOf(node, ignoredValues);
  const kind = vetoes.find((one) => {
    const [theirs, shown] = [has.get(one) ?? [], valuesOf(evidence, one)];
    return theirs.length > 0 && shown.length > 0 && !shown.some((value) => theirs.includes(value));
  });
  return kind && labelOf(kind);
}

function decided(
  before: Decision,
  { verdict }: { verdict: Answer['verdict'] },
  node: Node | undefined,
  because: string,
): Decision {
  const explanation = { ...before.explanation, hook: because };
  const why = { explanation, reasons: [because, ...before.reasons] };
  const nodes = before.verdict === 'conflict' ? before.nodes : [];
  if (verdict === 'match' && node) return { verdict: 'match', node, by: [], ...why };
  if (verdict === 'hold' || verdict === 'deny') {
    return { verdict: 'conflict', nodes, because: verdict === 'deny' ? 'denied' : 'held', ...why };
  }
  return { ...before, ...why };
}

const said = (answer: Answer): string => {
  const what = answer.verdict === 'match' ? `match node ${answer.node}` : answer.verdict;
  return answer.reason === undefined ? what : `${what}: ${oneLine(answer.reason)}`;
};
const oneLine = (text: string): string => text.replaceAll(/\p{C}+/gu, ' ').trim();
