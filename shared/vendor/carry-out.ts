import { NotFound } from '../errors.ts';
import { BACKGROUND_LIMIT_MS, type VendorTask } from './background.ts';
import { conclude, type VendorTools, work } from './call-vendor-method.ts';
import { calledRow, checkedArguments } from './check-call.ts';
import type { Subject, VendorMethod } from './vendor-method.ts';
import type { VendorOutcome } from './vendor-results.ts';
import { driverScope, nodeScope, rowsOf } from './vendor-table.ts';

type Given = Pick<VendorTools, 'nodes' | 'clock' | 'bmcs' | 'hooks' | 'results' | 'limitMs'>;

/**
 * An async call to its end. It was checked when it was accepted; node, row and arguments are looked at again, because
 * time has passed. Delivered twice, it is carried out once, unless both come in at the same moment: then the key says so.
 * Undefined: it had ended already.
 */
export async function carryOut(
  task: VendorTask,
  table: readonly VendorMethod[],
  given: Given,
): Promise<VendorOutcome | undefined> {
  const started = await given.results.get(task.call);
  if (started?.state !== 'running') return undefined;
  const tools: VendorTools = {
    limitMs: BACKGROUND_LIMIT_MS,
    ...given,
    limits: { take: () => undefined },
    ids: { uuid: () => task.call },
  };
  const running = (async () => {
    const subject = await subjectOf(task, given);
    const { audience } = task;
    const scope = subject.kind === 'node' ? nodeScope(subject.node, audience) : driverScope(subject.driver, audience);
    const row = calledRow(rowsOf(scope, table), task.method, task.httpMethod);
    const checked = checkedArguments(row, task.arguments);
    return work({ row, given: checked, subject, httpMethod: task.httpMethod, key: task.key }, tools);
  })();
  // A task of the release before has no user.
  return conclude(started, running, task.user ?? null, tools);
}

async function subjectOf({ subject }: VendorTask, { nodes }: Given): Promise<Subject> {
  if ('driver' in subject) return { kind: 'driver', driver: subject.driver };
  const node = await nodes.get(subject.node);
  if (!node) throw new NotFound(`Node ${subject.node} could not be found.`);
  return { kind: 'node', node };
}
