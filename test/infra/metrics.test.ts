import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { closed } from '../../functions/lambda/closing-line.ts';
import { embedded, emf } from '../../functions/lambda/emf.ts';
import { jsonLog } from '../../functions/lambda/json-log.ts';
import { sweepHandler } from '../../functions/schedule/sweep.ts';
import { ALARMS } from '../../infra/alarms.ts';
import { basicAuthentication } from '../../infra/local/basic-auth.ts';
import { CountedMetrics } from '../../infra/local/counted-metrics.ts';
import type { PublishedEvent } from '../../shared/events/published-event.ts';
import type { Hooks } from '../../shared/hook/hook-port.ts';
import { measuredHooks } from '../../shared/hook/measured-hooks.ts';
import { noHooks } from '../../shared/hook/no-hooks.ts';
import { METRICS, type MetricDefinition } from '../../shared/metrics/metrics.ts';
import { readSource, trackedFiles } from '../architecture/sources.ts';
import { Rack } from '../rack/rack.ts';
import { CONFIGURATION, Stage } from '../scenarios/stage.ts';
import { until } from '../until.ts';
import { ofType, synth } from './template.ts';

const definitions = Object.entries<MetricDefinition>(METRICS);
const bus = { publish: async (_: readonly PublishedEvent[]): Promise<string[]> => [] };
const VERSION = { 'x-openstack-ironic-api-version': '1.68', 'content-type': 'application/json' };

async function stageFor(t: TestContext, options: Parameters<typeof Stage.open>[0] = {}) {
  const lines: { message: string; fields: Record<string, unknown> }[] = [];
  const note = (message: string, fields: object = {}) => void lines.push({ message, fields: { ...fields } });
  const stage = await Stage.open({ bus, log: { info: note, warn: note, error: note }, ...options });
  t.after(() => stage.close());
  const agent = (path: string, init: RequestInit = {}) =>
    fetch(`${stage.runtime.agentUrl}${path}`, { headers: VERSION, ...init });
  const counted = (name: string) => until(`${name} to be counted`, async () => stage.runtime.metrics.counts.get(name));
  return { stage, agent, counted, lines };
}
const unknown = (outcome: 'enroll' | 'hold' | 'deny') => ({
  configuration: { ...CONFIGURATION, enrollment: { ...CONFIGURATION.enrollment, unknown: outcome } },
});

describe('metrics', () => {
  it('are a dozen at most, each with a question', () => {
    assert.ok(definitions.length <= 12);
    for (const [name, { question }] of definitions) assert.match(question, /\?$/, name);
  });

  it('Held: a stranger that a person must decide on; and its line says so, without what it showed', async (t) => {
    const { agent, counted, lines } = await stageFor(t, unknown('hold'));
    assert.equal((await agent('/v1/lookup?addresses=52:54:00:00:77:01')).status, 404);
    assert.equal(await counted('Held'), 1);
    const requests = lines.filter(({ message }) => message === 'request');
    assert.equal(requests.length, 1);
    assert.equal(requests[0]?.fields['decision'], 'held');
    assert.ok(!JSON.stringify(requests).includes('52:54'));
  });

  it('Conflicts and LookupsRefused: two owners, and nobody', async (t) => {
    const { stage, agent, counted } = await stageFor(t, unknown('deny'));
    for (const address of ['52:54:00:00:77:02', '52:54:00:00:77:03']) await stage.nodeWith(address);
    await agent('/v1/lookup?addresses=52:54:00:00:77:02,52:54:00:00:77:03');
    await agent('/v1/lookup?addresses=52:54:00:00:77:04');
    assert.equal(await counted('Conflicts'), 1);
    assert.equal(await counted('LookupsRefused denied'), 1);
  });

  it('BeatsRefused by reason, and the line has the node', async (t) => {
    const { stage, agent, counted, lines } = await stageFor(t);
    const uuid = await stage.nodeWith('52:54:00:00:77:05');
    const beaten = { callback_url: 'https://10.0.0.5:9999', agent_token: 'planted-guess', agent_version: '13.0.0' };
    const body = JSON.stringify(beaten);
    const beat = (node: string) => agent(`/v1/heartbeat/${node}`, { method: 'POST', body });
    assert.equal((await beat(uuid)).status, 400);
    assert.equal((await beat('00000000-0000-4000-8000-000000000000')).status, 404);
    assert.equal(await counted('BeatsRefused wrong-token'), 1);
    assert.equal(await counted('BeatsRefused no-node'), 1);
    const line = lines.find(({ fields }) => fields['reason'] === 'wrong-token');
    assert.equal(line?.fields['node'], uuid);
    assert.ok(!JSON.stringify(lines).includes('planted-guess'));
  });

  it('LoginsRefused: a wrong password, not a missing one', async (t) => {
    const { stage, counted } = await stageFor(t, { authenticate: basicAuthentication(() => new Map()) });
    const authorization = `Basic ${Buffer.from('admin:planted').toString('base64')}`;
    await fetch(`${stage.runtime.operatorUrl}/v1/nodes`);
    await fetch(`${stage.runtime.operatorUrl}/v1/nodes`, { headers: { authorization } });
    assert.equal(await counted('LoginsRefused'), 1);
  });

  it('Enrolments and RunsEnded: out of the stream of events', async (t) => {
    const { stage, counted } = await stageFor(t);
    const rack = new Rack({ apiUrl: stage.runtime.agentUrl, timeScale: 20, random: () => 0.5 });
    t.after(() => rack.close());
    rack.add({ macs: ['52:54:00:00:77:06'], serial: 'S-m' }).powerOn();
    assert.equal(await counted('Enrolments'), 1);
    await stage.nodeWith('52:54:00:00:77:07');
    assert.ok(((await counted('RunsEnded done')) ?? 0) >= 1);
  });

  it('RunsStuck: a run whose execution is gone', async (t) => {
    const { stage, counted } = await stageFor(t);
    const uuid = await stage.nodeWith('52:54:00:00:77:08');
    await stage.ask(uuid, 'active');
    await stage.reached(uuid, 'wait call-back');
    const { services } = stage.runtime;
    const ended = async () => 'ended' as const;
    const start = async () => undefined;
    const gone = { ...services, workflow: { status: ended, start, succeed: async () => 'gone' as const } };
    await sweepHandler(gone)();
    assert.equal(await counted('RunsStuck resumed'), 1);
  });

  it('NotAnswered: the store cannot be asked', async (t) => {
    const { stage, agent, counted } = await stageFor(t);
    const get = stage.runtime.services.identity.candidates;
    assert.ok(get);
    stage.runtime.services.identity.candidates = () => Promise.reject(new Error('the store is down'));
    assert.equal((await agent('/v1/lookup?addresses=52:54:00:00:77:09')).status, 500);
    assert.equal(await counted('NotAnswered agent'), 1);
  });

  it('HookMilliseconds: how long a hook took, and whether it answered', async () => {
    const metrics = new CountedMetrics();
    let time = 0;
    const slow: Hooks = {
      call: (call) => {
        time += 1500;
        return noHooks.call(call);
      },
    };
    const hooks = measuredHooks(slow, metrics, { now: () => time });
    await hooks.call({ hook: 'none', purpose: 'match', idempotencyKey: 'k', body: {}, timeoutSeconds: 1 });
    assert.deepEqual([...metrics.counts], [['HookMilliseconds failed', 1500]]);
  });
});

describe('the embedded metric format', () => {
  it('is what every API function writes', () => {
    const entries = trackedFiles().filter((path) => path.startsWith('functions/lambda/'));
    const without = entries
      .map(readSource)
      .filter(({ text }) => /\bserve: serve\(/.test(text) && !text.includes('metrics: emf'));
    assert.deepEqual(
      without.map(({ path }) => path),
      [],
    );
  });

  /** What a function writes to its log. */
  async function written(t: TestContext, work: () => unknown): Promise<Record<string, unknown>[]> {
    const write = t.mock.method(process.stdout, 'write', () => true);
    await work();
    const text = write.mock.calls.map(({ arguments: [line] }) => String(line)).filter((line) => line.startsWith('{'));
    write.mock.restore();
    return text.map((line) => JSON.parse(line));
  }

  it('puts the measures of a request on its one line', async (t) => {
    const lines = await written(t, () => {
      emf.record({ name: 'BeatsRefused', value: 1, of: 'no-node' });
      jsonLog.info('request', { node: 'n' });
      jsonLog.info('request', { node: 'm' });
    });
    assert.equal(lines.length, 2);
    assert.deepEqual(
      { ...lines[0], timestamp: '', _aws: { ...(lines[0]?.['_aws'] as object), Timestamp: 0 } },
      {
        timestamp: '',
        level: 'INFO',
        message: 'request',
        node: 'n',
        Reason: 'no-node',
        BeatsRefused: [1],
        _aws: {
          Timestamp: 0,
          CloudWatchMetrics: [
            { Namespace: 'Nodeless', Dimensions: [['Reason']], Metrics: [{ Name: 'BeatsRefused', Unit: 'Count' }] },
          ],
        },
      },
    );
    assert.equal(lines[1]?.['_aws'], undefined);
  });

  it('puts those of work without a request on the line that ends it, also when it fails', async (t) => {
    const hooked = (ends: () => Promise<string>) => async (_: object) => {
      emf.record({ name: 'HookMilliseconds', value: 7, of: 'answered' });
      return ends();
    };
    const lines = await written(t, async () => {
      await closed(
        'vendor call',
        hooked(async () => 'done'),
        (_, decision) => ({ decision }),
      )({});
      await assert.rejects(
        closed(
          'sweep',
          hooked(() => Promise.reject(new TypeError('planted secret'))),
        )({}),
        TypeError,
      );
    });
    assert.deepEqual(
      lines.map(({ level, message, decision, error, HookMilliseconds }) => [
        level,
        message,
        decision ?? error,
        HookMilliseconds,
      ]),
      [
        ['INFO', 'vendor call', 'done', [7]],
        ['ERROR', 'sweep', 'TypeError', [7]],
      ],
    );
    assert.ok(!JSON.stringify(lines).includes('planted'));
  });

  it('has a closing line in every function that calls hooks for no request', () => {
    const callers = trackedFiles()
      .filter((path) => path.startsWith('functions/lambda/'))
      .map(readSource)
      .filter(({ text }) => /handler = middy/.test(text) && /lambdaHooks\(|workflowServices\(/.test(text));
    // These write a line for each exchange, after it.
    const without = callers.filter(({ text }) => !/closed\('|advanceHandler|expireHandler/.test(text));
    assert.ok(callers.length >= 4);
    assert.deepEqual(
      without.map(({ path }) => path),
      [],
    );
  });

  it('gives a line no more values of one metric than CloudWatch takes', () => {
    for (let value = 0; value < 201; value += 1) emf.record({ name: 'HookMilliseconds', value, of: 'answered' });
    const lines = embedded(0) as { HookMilliseconds: number[]; Result: string }[];
    assert.deepEqual(
      lines.map(({ HookMilliseconds: { length } }) => length),
      [100, 100, 1],
    );
    assert.deepEqual(embedded(0), []);
  });

  it('gives two values of one dimension two lines, and keeps every measure', () => {
    for (const result of ['done', 'failed', 'done']) emf.record({ name: 'RunsEnded', value: 1, of: result });
    emf.record({ name: 'Enrolments', value: 1 });
    const lines = embedded(0) as Record<string, unknown>[];
    assert.deepEqual(
      lines.map(({ Result, RunsEnded, Enrolments }) => [Result, RunsEnded, Enrolments]),
      [
        ['done', [1, 1], [1]],
        ['failed', [1], undefined],
      ],
    );
  });
});

describe('alarms', () => {
  it('are five at most, on metrics that exist, and say what to do', () => {
    assert.ok(ALARMS.length <= 5);
    for (const { on, why, what, name } of ALARMS) {
      assert.ok(why.length > 20 && what.length > 40, name);
      assert.ok(on.length > 0, name);
      for (const signal of on) {
        if (!('metric' in signal)) continue;
        const { dimension } = METRICS[signal.metric] as MetricDefinition;
        if (dimension === undefined) assert.equal(signal.of, undefined, name);
        else assert.ok(signal.of !== undefined && dimension.values.includes(signal.of), name);
      }
    }
  });

  it('are in the template with their advice, tell the topic that is given, and take silence for good news', () => {
    const topic = 'arn:aws:sns:eu-west-1:123456789012:night';
    const made = ofType(synth({ alarmTopic: topic }).controlPlane, 'AWS::CloudWatch::Alarm').map(
      ([, one]) => one.Properties,
    );
    assert.equal(made.length, ALARMS.length);
    for (const alarm of made) {
      assert.match(String(alarm['AlarmDescription']), /What to do: /);
      assert.deepEqual(alarm['AlarmActions'], [topic]);
      assert.equal(alarm['TreatMissingData'], 'notBreaching');
    }
  });

  it('add up what they look at, and a silent signal does not silence the other one', () => {
    const alarm = ofType(synth({}).controlPlane, 'AWS::CloudWatch::Alarm').find(([id]) => id.startsWith('RunsStuck'));
    const queries = alarm?.[1].Properties['Metrics'] as { Expression?: string; MetricStat?: { Metric: object } }[];
    assert.equal(queries.find(({ Expression }) => Expression)?.Expression, 'FILL(m0, 0) + FILL(m1, 0)');
    const metrics = JSON.stringify(queries.map(({ MetricStat }) => MetricStat?.Metric));
    assert.match(metrics, /"MetricName":"RunsStuck"/);
    assert.match(metrics, /"MetricName":"Errors"/);
  });

  it('come without a dashboard, which costs money, unless it is asked for', () => {
    const dashboards = (options: object) =>
      ofType(synth({ ...options }).controlPlane, 'AWS::CloudWatch::Dashboard').length;
    assert.deepEqual([dashboards({}), dashboards({ dashboard: 'true' })], [0, 1]);
  });
});
