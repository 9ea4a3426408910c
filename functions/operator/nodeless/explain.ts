import { InvalidInput } from '../../../shared/errors.ts';
import { replay } from '../../../shared/inbox/replay.ts';
import type { Submission } from '../../../shared/inbox/submission.ts';
import type { JsonObject } from '../../../shared/json.ts';
import type { Node } from '../../../shared/node/node.ts';
import { isUuid } from '../../../shared/resource/checks.ts';
import { parseQuery } from '../../../shared/resource/query.ts';
import { readyToProvide } from '../../../shared/run/ready-to-provide.ts';
import type { Handler, Services } from '../../services.ts';
import { findNode } from '../find-node.ts';
import { told } from './show-submission.ts';

const ANY_MINOR = 115;
/** Events that tell how a machine came to its node. */
const OF_IDENTITY = ['enrolled', 'learned', 'replaced', 'conflict', 'matched', 'inspected'];

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
    // Why something was not learnt must not stand before how the node came to be: strangers can bring it about.
    const last = reasoned.findLast(({ event_type }) => event_type !== 'inspected') ?? reasoned.at(-1);
    const made = history.map(({ detail }) => detail['submission']).find((one) => typeof one === 'string');
    const row = typeof made === 'string' ? await resources.get<Submission>('submission', made) : undefined;
    if (again && row === undefined) {
      throw new InvalidInput('Only what is in the inbox can be replayed, and no submission of this node is kept');
    }
    const lines = last?.detail['reasons'];
    return {
      subject: 'node',
      uuid: node.uuid,
      state: node.provision_state,
      outcome: last?.event ?? 'Nothing is kept of how this node came to be',
      reasons: Array.isArray(lines) ? lines : [],
      explanation: row === undefined ? null : (row.explanation as unknown as JsonObject),
      passed: row === undefined ? [] : (row.passed as unknown as JsonObject[]),
      submission: row?.uuid ?? null,
      ...(await ofProvide(node)),
      ...(again && row ? { replay: (await replay(row, services)) as unknown as JsonObject } : {}),
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
