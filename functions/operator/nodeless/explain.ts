import { type Decided, decidedFrom } from '../../../shared/enrollment/kept-decision.ts';
import { InvalidInput } from '../../../shared/errors.ts';
import { unknownText } from '../../../shared/identity/explanation.ts';
import { type Replayed, replay } from '../../../shared/inbox/replay.ts';
import type { Submission } from '../../../shared/inbox/submission.ts';
import type { JsonObject } from '../../../shared/json.ts';
import type { Node, NodeEvent } from '../../../shared/node/node.ts';
import { isUuid } from '../../../shared/resource/checks.ts';
import { parseQuery } from '../../../shared/resource/query.ts';
import { readyToProvide } from '../../../shared/run/ready-to-provide.ts';
import type { Handler, Services } from '../../services.ts';
import { findNode } from '../find-node.ts';
import { told } from './show-submission.ts';

const ANY_MINOR = 115;
/** Events that tell how a machine came to its node. */
const OF_IDENTITY = ['enrolled', 'learned', 'replaced', 'conflict', 'matched', 'inspected'];

/** What somebody brings about who is not the node's machine must not stand before how it came to be. */
const BY_STRANGERS = ['inspected', 'conflict'];
/** Events that tell which machine a node is. */
const MAKES = ['enrolled', 'replaced'];

/** On what it was last decided which machine this node is. */
function keptIn(history: readonly NodeEvent[], node: string): (Replayed & Decided) | undefined {
  for (const { detail, event_type, user } of history.toReversed()) {
    const decided = MAKES.includes(event_type) ? decidedFrom(detail) : undefined;
    const byPolicy = event_type === 'enrolled' && user === 'policy';
    if (decided) return { ...decided, state: byPolicy ? 'enrolled' : 'approved', node };
  }
  return undefined;
}

export function explainHandlers(
  services: Pick<Services, 'nodes' | 'resources' | 'identity' | 'sessions' | 'clock' | 'configuration'>,
): Record<string, Handler> {
  const { nodes, resources } = services;

  /** Whether the next sweep moves it on, or what keeps it. */
  const ofProvide = async (node: Node): Promise<JsonObject> => {
    const session = node.provision_state === 'manageable' ? await services.sessions.get(node.uuid) : undefined;
    const { clock, configuration: settings } = services;
    return session ? { provide: readyToProvide({ node, session, now: clock.now(), settings }) } : {};
  };

  const ofSubmission = async (row: Submission, again: boolean): Promise<JsonObject> => {
    const history = await nodes.events(row.uuid);
    const { uuid, state, reason, explanation, passed, reasons } = row;
    const replayed = again ? { replay: await replay(row, services) } : {};
    const outcome = row.decision === null ? reason : (history.at(-1)?.event ?? reason);
    const shown = { subject: 'submission', uuid, state, outcome, reasons, explanation, passed, ...replayed };
    return { ...(shown as unknown as JsonObject), history: history.map(told) };
  };

  const ofNode = async (node: Node, again: boolean): Promise<JsonObject> => {
    const history = (await nodes.events(node.uuid)).filter(({ event_type }) => OF_IDENTITY.includes(event_type));
    const reasoned = history.filter(({ detail }) => Array.isArray(detail['reasons']));
    const last = reasoned.findLast(({ event_type }) => !BY_STRANGERS.includes(event_type)) ?? reasoned.at(-1);
    const made = history.filter(({ event_type }) => MAKES.includes(event_type));
    const submission = made.map(({ detail }) => detail['submission']).find((one) => typeof one === 'string');
    const row = typeof submission === 'string' ? await resources.get<Submission>('submission', submission) : undefined;
    const kept = keptIn(history, node.uuid) ?? row;
    if (again && kept === undefined) {
      throw new InvalidInput('Nothing is kept of what this node’s machine showed, so it cannot be decided again');
    }
    const lines = last?.detail['reasons'];
    const reasons = Array.isArray(lines) ? lines : [];
    const unknown = last && decidedFrom(last.detail)?.explanation.unknown.map(unknownText);
    return {
      subject: 'node',
      uuid: node.uuid,
      state: node.provision_state,
      outcome: last?.event ?? 'Nothing is kept of how this node came to be',
      reasons: [...new Set([...reasons, ...(unknown ?? [])])],
      explanation: kept === undefined ? null : (kept.explanation as unknown as JsonObject),
      passed: row === undefined ? [] : (row.passed as unknown as JsonObject[]),
      submission: row?.uuid ?? null,
      ...(await ofProvide(node)),
      ...(again && kept ? { replay: (await replay(kept, services)) as unknown as JsonObject } : {}),
      history: history.map(told),
    };
  };

  return {
    '#show': async (request) => {
      const values = parseQuery(request.query, { replay: ['boolean', 1] }, request.minor);
      const again = values.boolean('replay') ?? false;
      const { subject = '' } = request.params;
      const row = isUuid(subject) ? await resources.get<Submission>('submission', subject.toLowerCase()) : undefined;
      const body = row
        ? await ofSubmission(row, again)
        : await ofNode(await findNode(nodes, subject, ANY_MINOR), again);
      return { status: 200, body };
    },
  };
}
