import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { publishHandler } from '../../functions/stream/publish.ts';
import { silentLog } from '../../infra/local/console-log.ts';
import { CountedMetrics } from '../../infra/local/counted-metrics.ts';
import { streamedEvent } from '../../shared/adapters/dynamodb/event-stream.ts';
import { EventBridgeBus } from '../../shared/adapters/eventbridge/event-bus.ts';
import type { Streamed } from '../../shared/events/deliver.ts';
import { EVENT_TYPES, type EventType } from '../../shared/events/event-types.ts';
import type { PublishedEvent } from '../../shared/events/published-event.ts';
import { eventSchema } from '../../shared/events/schemas.ts';
import type { JsonObject } from '../../shared/json.ts';
import { readSource, trackedFiles } from '../architecture/sources.ts';
import { Rack } from '../rack/rack.ts';
import { CONFIGURATION, IMAGE, Stage } from '../scenarios/stage.ts';
import { until } from '../until.ts';

const MAC = '52:54:00:00:66:01';

describe('event types', () => {
  it('that are written anywhere are in the table, and the other way round', () => {
    const product = trackedFiles().filter((path) => /^(shared|functions|infra)\/.*\.ts$/.test(path));
    const written = product.flatMap((path) =>
      [...readSource(path).text.matchAll(/event_type: '([^']+)'/g)].map(([, type = '']) => type),
    );
    assert.deepEqual([...new Set(written)].sort(), Object.keys(EVENT_TYPES).sort(), 'see shared/events/event-types.ts');
  });
});

describe('the events of a machine that is enrolled and deployed', () => {
  it('are published in order, fit their schemas, hold no secret, and are those of its history', async () => {
    const published: PublishedEvent[] = [];
    const bus = {
      async publish(events: readonly PublishedEvent[]) {
        published.push(...events);
        return [];
      },
    };
    const stage = await Stage.open({ configuration: CONFIGURATION, bus });
    const rack = new Rack({ apiUrl: stage.runtime.agentUrl, timeScale: 20, random: () => 0.5 });
    let history: JsonObject[] = [];
    let uuid = '';
    let token = '';
    try {
      const machine = rack.add({ macs: [MAC], serial: 'S-events' });
      machine.powerOn();
      uuid = await until('the machine to be enrolled', async () => {
        const { nodes } = await stage.operator('GET', '/v1/nodes', 200);
        return (nodes as { uuid: string }[])[0]?.uuid;
      });
      token = await until('its token', async () => machine.token ?? undefined);
      const drive = [{ op: 'add', path: '/driver_info/ipmi_password', value: 'planted-password' }];
      const image = Object.entries(IMAGE).map(([key, value]) => ({ op: 'add', path: `/instance_info/${key}`, value }));
      await stage.operator('PATCH', `/v1/nodes/${uuid}`, 200, [...drive, ...image]);
      await stage.operator('PUT', `/v1/nodes/${uuid}/maintenance`, 202, { reason: 'a look' });
      await stage.operator('DELETE', `/v1/nodes/${uuid}/maintenance`, 202);
      await stage.ask(uuid, 'active');
      await stage.reached(uuid, 'active');
      history = (await stage.operator('GET', `/v1/nodes/${uuid}/history?limit=1000`, 200))['history'] as JsonObject[];
    } finally {
      await rack.close();
      await stage.close();
    }
    for (const event of published) {
      const schema = eventSchema(event.event_type as EventType);
      assert.deepEqual(schema.safeParse(event).error?.issues, undefined, JSON.stringify(event));
    }
    assert.deepEqual(
      published.map(({ id }) => id).slice(0, history.length),
      history.map((one) => one['uuid']),
    );
    const sequences = published.map(({ sequence }) => sequence);
    assert.deepEqual(sequences, sequences.toSorted());
    const types = new Set(published.map(({ event_type }) => event_type));
    for (const type of ['enrolled', 'edited', 'maintenance', 'transition', 'run', 'step']) {
      assert.ok(types.has(type), `${type} of ${[...types]}`);
    }
    const text = JSON.stringify(published);
    assert.ok(token !== '' && !text.includes(token) && !text.includes('planted-password'));
    assert.equal(stage.runtime.metrics.counts.get('Enrolments'), 1);
    assert.equal(stage.runtime.metrics.counts.get('RunsEnded done'), 1);
  });
});

const anEvent = (id: string): PublishedEvent => ({
  id,
  event_type: 'edited',
  node: 'n',
  sequence: id,
  at: '2026-01-01T00:00:00.000000+00:00',
  severity: 'INFO',
  user: null,
  message: '',
  detail: {},
});
const streamed = (...ids: string[]): Streamed[] => ids.map((id) => ({ position: `at-${id}`, event: anEvent(id) }));

describe('the publisher', () => {
  const publisher = (publish: (events: readonly PublishedEvent[]) => Promise<string[]>) =>
    publishHandler({ bus: { publish }, log: silentLog, metrics: new CountedMetrics() });

  it('asks again from the first event that the bus did not take', async () => {
    const answer = await publisher(async () => ['c', 'b'])(streamed('a', 'b', 'c'));
    assert.deepEqual(answer, { batchItemFailures: [{ itemIdentifier: 'at-b' }] });
  });

  it('publishes what comes before an event that it cannot read, and nothing after it', async () => {
    const sent: string[] = [];
    const publish = publisher(async (events) => {
      sent.push(...events.map(({ id }) => id));
      return [];
    });
    const batch = [...streamed('a'), { position: 'at-b', event: undefined }, ...streamed('c')];
    assert.deepEqual(await publish(batch), { batchItemFailures: [{ itemIdentifier: 'at-b' }] });
    assert.deepEqual(sent, ['a']);
  });

  it('fails as a whole when nothing can be asked, so that the stream gives all of them again', async () => {
    await assert.rejects(publisher(async () => Promise.reject(new Error('down')))(streamed('a')));
  });

  it('leaves an event of a newer release in the stream', () => {
    const image = { pk: { S: 'events#n' }, sk: { S: '1#0#u' }, schema: { N: '99' } };
    const record = { eventName: 'INSERT', dynamodb: { NewImage: image, SequenceNumber: '7' } };
    assert.deepEqual(streamedEvent(record), { position: '7', event: undefined });
  });

  it('ignores rows of nodes, and events that are deleted with their node', () => {
    const node = { pk: { S: 'node#1' }, sk: { S: 'u' } };
    assert.equal(streamedEvent({ eventName: 'INSERT', dynamodb: { NewImage: node } }), undefined);
    assert.equal(streamedEvent({ eventName: 'REMOVE', dynamodb: {} }), undefined);
  });
});

describe('the EventBridge bus', () => {
  const client = (refused: string) => {
    const sent: string[][] = [];
    const send = async ({ input }: PutEventsCommand) => {
      const ids = (input.Entries ?? []).map(({ Detail = '{}' }) => JSON.parse(Detail).id as string);
      sent.push(ids);
      return { Entries: ids.map((id) => (id === refused ? { ErrorCode: 'ThrottlingException' } : { EventId: id })) };
    };
    return { sent, bus: new EventBridgeBus({ send } as unknown as EventBridgeClient, 'default') };
  };
  const events = Array.from({ length: 23 }, (_, at) => anEvent(String(at).padStart(2, '0')));

  it('sends ten at once', async () => {
    const { bus, sent } = client('none');
    assert.deepEqual(await bus.publish(events), []);
    assert.deepEqual(
      sent.map(({ length }) => length),
      [10, 10, 3],
    );
  });

  it('sends nothing after ten of which one was refused', async () => {
    const { bus, sent } = client('04');
    assert.deepEqual(await bus.publish(events), ['04', ...events.slice(10).map(({ id }) => id)]);
    assert.equal(sent.length, 1);
  });
});
