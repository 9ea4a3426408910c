import type { SessionStore } from '../agent/session-store.ts';
import type { Node } from '../node/node.ts';
import type { Workflow } from './workflow-port.ts';

export interface WakeDependencies {
  sessions: Pick<SessionStore, 'get'>;
  workflow: Pick<Workflow, 'succeed'>;
}

/** Something that is no beat has been written, and the run that waits looks at once. */
export async function wake(node: string, { sessions, workflow }: WakeDependencies): Promise<void> {
  const session = await sessions.get(node);
  if (session?.taskToken) await workflow.succeed(session.taskToken, { next: 'Advance', because: 'beat' });
}

/** The same where what was written is the node's own row: if the wake-up is lost, the run looks at its next beat. */
export async function wakeRun({ uuid, run }: Pick<Node, 'uuid' | 'run'>, given: WakeDependencies): Promise<void> {
  if (run !== null && run.ended === null) await wake(uuid, given).catch(() => undefined);
}
