import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { advanceHandler } from '../../functions/workflow/advance.ts';
import { expireHandler } from '../../functions/workflow/expire.ts';
import { TaskTokens } from '../../infra/local/task-tokens.ts';
import definition from '../../infra/workflows/run.asl.json' with { type: 'json' };
import { InvalidInput } from '../../shared/errors.ts';
import type { WakeUp } from '../../shared/run/workflow-port.ts';
import { DeploymentSite } from '../fakes/deployment-site.ts';

/**
 * What the first release's definition says to the functions. Executions that wait keep it for as long as they last, so it is
 * never edited: the handlers of every later release must understand it.
 */
const FIRST = JSON.parse(readFileSync(new URL('./run-v1.asl.json', import.meta.url), 'utf8')) as typeof definition;
type Input = { node: string; run: string; attempt: number; because: string; taskToken: string };

describe('an execution that waits while the definition and the functions change', () => {
  it('is finished by the functions of this release, under the definition that it began with', async () => {
    const site = new DeploymentSite();
    const tokens = new TaskTokens();
    const workflow = {
      start: async () => undefined,
      succeed: async (token: string, output: WakeUp) => tokens.answer(token, output),
      status: async () => 'running' as const,
    };
    const now = { ...site.services(), workflow };
    // The machine's side wakes through the same tokens.
    Object.assign(site.workflow, { succeed: workflow.succeed });
    await site.enrol('fake-hardware');
    await site.start();
    const run = (await site.node()).run;
    assert.ok(run);

    const { TimeoutSecondsPath: _ours, ...advance } = FIRST.States.Advance;
    const old = { ...FIRST, States: { ...FIRST.States, Advance: { ...advance, TimeoutSeconds: 3600 } } };
    const execution = new StateMachine(old as StateMachineDefinition).run(
      { node: run.id.slice(0, 36), run: run.id, attempt: 1, timeoutSeconds: 3600, result: { because: 'started' } },
      {
        context: { Task: tokens.context() },
        overrides: {
          taskResourceLocalHandlers: {
            Advance: (task: unknown) => {
              const { Payload } = task as { Payload: Input };
              const { promise, resolve, reject } = Promise.withResolvers<WakeUp>();
              tokens.open(Payload.taskToken, resolve);
              advanceHandler(now)(Payload).catch(reject);
              return promise;
            },
            Expire: (task: unknown) => expireHandler(now)(task as Parameters<ReturnType<typeof expireHandler>>[0]),
          },
          waitTimeOverrides: { Pause: 1 },
        },
      },
    );
    const ended = execution.result.then(() => true);
    const finished = async () => (await site.node()).run?.ended ?? undefined;
    for (let turn = 0; turn < 400 && !(await finished()); turn += 1) {
      const session = await site.sessions.get(run.id.slice(0, 36));
      if (session?.taskToken !== undefined) {
        site.time += 10_000;
        if (session.tokenHash === undefined) await site.boot();
        site.agent.finish();
        // The run goes on beside us: an agent that it has just told to leave beats in vain.
        await site.beat().catch((error: unknown) => assert.ok(error instanceof InvalidInput, String(error)));
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.equal((await finished())?.result, 'done');
    assert.equal((await site.node()).provision_state, 'active');
    assert.equal(await ended, true);
  });

  it('the definition of today still speaks the words of the first release', () => {
    const said = ({ States: { Advance, Expire } }: typeof definition) => [
      Advance.Parameters.Payload,
      Expire.Parameters,
    ];
    assert.deepEqual(said(definition), said(FIRST), 'new words are fine: then keep the old ones, and copy this test');
  });
});
