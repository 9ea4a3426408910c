import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it, type TestContext } from 'node:test';
import type { WorkflowHandlers } from '../../infra/local/execution.ts';
import { LocalWorkflow } from '../../infra/local/workflow-runner.ts';
import definition from '../../infra/workflows/run.asl.json' with { type: 'json' };
import type { WakeUp } from '../../shared/run/workflow-port.ts';
import { until } from '../until.ts';

// Comes without types for its own package name.
const validate: (asl: unknown) => { isValid: boolean; errorsText(): string } = createRequire(import.meta.url)(
  'asl-validator',
);
const DONE: WakeUp = { next: 'Done', result: 'done' };
const AGAIN: WakeUp = { next: 'Advance', because: 'again' };
const start = { node: 'n', run: 'n-1', attempt: 1, timeoutSeconds: 30 };
type Advance = Parameters<WorkflowHandlers['advance']>[0];

/** A workflow whose Advance answers its own token with what `script` says, in order; `null` leaves it waiting. */
function scripted(t: TestContext, script: (WakeUp | Error | null)[], expired: (WakeUp | Error)[] = []) {
  const workflow = new LocalWorkflow({ timeScale: 0.001 });
  t.after(() => workflow.stop());
  const asked: Advance[] = [];
  const expiries: string[] = [];
  workflow.bind({
    async advance(input) {
      asked.push(input);
      const answer = script.shift() ?? null;
      if (answer instanceof Error) throw answer;
      if (answer) assert.equal(await workflow.succeed(input.taskToken, answer), 'delivered');
    },
    async expire(input) {
      expiries.push(input.why);
      const answer = expired.shift() ?? { next: 'Failed', result: input.why };
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  return { workflow, asked, expiries, history: () => workflow.history('n-1-1') };
}

describe('run.asl.json', () => {
  it('is valid, and no state is called Next', () => {
    const { isValid, errorsText } = validate(definition);
    assert.ok(isValid, errorsText());
    assert.ok(!('Next' in definition.States));
  });

  it('visits every state between a start, a pause, a time-out and an end', async (t) => {
    const first = scripted(t, [{ next: 'Pause', because: 'pause', seconds: 3 }, AGAIN, DONE]);
    await first.workflow.start(start);
    await first.workflow.idle();
    assert.equal(first.history()?.status, 'SUCCEEDED');
    assert.deepEqual(
      first.asked.map((input) => input.because),
      ['started', 'pause', 'again'],
    );
    const second = scripted(t, [null]);
    await second.workflow.start({ ...start, timeoutSeconds: 0.01 });
    await second.workflow.idle();
    assert.deepEqual(second.history(), {
      states: ['Advance', 'Expire', 'Decide', 'RunFailed'],
      transitions: 4,
      status: 'FAILED',
      error: 'RunFailed',
    });
    const visited = new Set([...(first.history()?.states ?? []), ...(second.history()?.states ?? [])]);
    assert.deepEqual([...visited].sort(), Object.keys(definition.States).sort());
  });

  it('gives Advance ids, a reason and a fresh token, and nothing else', async (t) => {
    const { workflow, asked } = scripted(t, [AGAIN, DONE]);
    await workflow.start(start);
    await workflow.idle();
    const [first, second] = asked;
    assert.deepEqual(
      { ...first, taskToken: '' },
      { node: 'n', run: 'n-1', attempt: 1, because: 'started', taskToken: '' },
    );
    assert.notEqual(first?.taskToken, second?.taskToken);
  });

  it('costs two transitions a beat', async (t) => {
    const beats = 20;
    const { workflow, asked, history } = scripted(t, [...Array(beats).fill(null), DONE]);
    await workflow.start(start);
    for (let beat = 1; beat <= beats; beat += 1) {
      await until('Advance to be asked again', () => asked.length === beat);
      await workflow.succeed(asked.at(-1)?.taskToken ?? '', { next: 'Advance', because: 'beat' });
    }
    await workflow.idle();
    assert.equal(history()?.transitions, 2 * beats + 3);
  });

  it('answers a token once: a second, a late and an unknown answer are gone', async (t) => {
    const { workflow, asked } = scripted(t, [null, null]);
    await workflow.start(start);
    const token = asked[0]?.taskToken ?? '';
    assert.equal(await workflow.succeed(token, { next: 'Advance', because: 'beat' }), 'delivered');
    assert.equal(await workflow.succeed(token, DONE), 'gone');
    await until('Advance to be asked again', () => asked.length === 2);
    assert.equal(await workflow.succeed(asked[1]?.taskToken ?? '', DONE), 'delivered');
    await workflow.idle();
    assert.equal(await workflow.succeed(asked[1]?.taskToken ?? '', DONE), 'gone');
    assert.equal(await workflow.succeed('never made', DONE), 'gone');
  });

  it('refuses the token of a task that timed out, and does not retry a time-out', async (t) => {
    const { workflow, asked, expiries } = scripted(t, [null]);
    await workflow.start({ ...start, timeoutSeconds: 0.01 });
    await workflow.idle();
    assert.equal(await workflow.succeed(asked[0]?.taskToken ?? '', DONE), 'gone');
    assert.deepEqual([asked.length, expiries], [1, ['States.Timeout']]);
  });

  it('goes on after a time-out when Expire says so', async (t) => {
    const { workflow, history } = scripted(t, [null, DONE], [AGAIN]);
    await workflow.start({ ...start, timeoutSeconds: 0.01 });
    await workflow.idle();
    assert.deepEqual(history()?.states, ['Advance', 'Expire', 'Decide', 'Advance', 'Decide', 'Done']);
  });

  it('waits for more days than a timer can hold', async (t) => {
    const { workflow, asked, expiries } = scripted(t, [null]);
    await workflow.start({ ...start, timeoutSeconds: 99_999_999 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual([asked.length, expiries, await workflow.status('n-1', 1)], [1, [], 'running']);
  });

  it('retries an Advance that crashed, with another token', async (t) => {
    const { workflow, asked, history } = scripted(t, [new TypeError('bug'), DONE]);
    await workflow.start(start);
    await workflow.idle();
    assert.equal(asked.length, 2);
    assert.notEqual(asked[0]?.taskToken, asked[1]?.taskToken);
    assert.deepEqual(history()?.states, ['Advance', 'Decide', 'Done']);
    assert.equal(history()?.transitions, 4);
  });

  it('expires with the name of the error when Advance keeps crashing', async (t) => {
    const { workflow, asked, expiries } = scripted(t, Array(9).fill(new TypeError('bug')));
    await workflow.start(start);
    await workflow.idle();
    assert.deepEqual([asked.length, expiries], [3, ['TypeError']]);
  });

  it('retries Expire until it is said', async (t) => {
    const { workflow, expiries, history } = scripted(t, [null], [new Error('no'), new Error('no'), DONE]);
    await workflow.start({ ...start, timeoutSeconds: 0.01 });
    await workflow.idle();
    assert.deepEqual([expiries.length, history()?.status], [3, 'SUCCEEDED']);
  });
});

describe('LocalWorkflow', () => {
  it('starts an execution of one name once', async (t) => {
    const { workflow, asked } = scripted(t, [DONE, DONE]);
    await Promise.all([workflow.start(start), workflow.start(start)]);
    await workflow.idle();
    await workflow.start(start);
    await workflow.start({ ...start, attempt: 2 });
    await workflow.idle();
    assert.deepEqual(
      asked.map((input) => input.attempt),
      [1, 2],
    );
  });

  it('counts an execution that it never saw as ended', async (t) => {
    const { workflow } = scripted(t, [null]);
    assert.equal(await workflow.status('n-1', 1), 'ended');
    await workflow.start(start);
    assert.equal(await workflow.status('n-1', 1), 'running');
  });

  it('stops without calling anybody', async (t) => {
    const { workflow, expiries, history } = scripted(t, [null]);
    await workflow.start(start);
    await workflow.stop();
    assert.deepEqual([history()?.status, expiries], ['ABORTED', []]);
  });
});
