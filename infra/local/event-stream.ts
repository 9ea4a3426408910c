import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { type StreamRecord, streamedEvent } from '../../shared/adapters/dynamodb/event-stream.ts';
import type { Streamed } from '../../shared/events/deliver.ts';
import type { Log } from '../../shared/log.ts';

const EVERY_MS = 500;

export interface Followed {
  /** Hands on what has been written so far, then stops. */
  close(): Promise<void>;
}

/** What Lambda does with the stream on AWS: calls `publish` with every event that is written from now on. */
export async function followEvents(given: {
  endpoint: string;
  table: string;
  publish(events: readonly Streamed[]): Promise<unknown>;
  log: Pick<Log, 'error'>;
}): Promise<Followed> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBStreamsClient({ endpoint: given.endpoint, region: 'local', credentials });
  const stopping = new AbortController();
  let iterator = await latest(client, given.table);

  const turn = async (): Promise<number> => {
    const { Records = [], NextShardIterator } = await client.send(new GetRecordsCommand({ ShardIterator: iterator }));
    const events = Records.flatMap((record) => streamedEvent(record as StreamRecord) ?? []);
    if (events.length > 0) await given.publish(events);
    iterator = NextShardIterator ?? iterator;
    return Records.length;
  };
  const follow = async () => {
    for (;;) {
      const last = stopping.signal.aborted;
      const seen = await turn().catch((error: Error) => {
        given.log.error('events could not be read', { error: error.name });
        return 0;
      });
      if (seen > 0) continue;
      if (last) return;
      await sleep(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const following = follow();
  return {
    async close() {
      stopping.abort();
      await following;
      client.destroy();
    },
  };
}

/** The engine keeps one shard a table. */
async function latest(client: DynamoDBStreamsClient, table: string): Promise<string> {
  const { Streams: [stream] = [] } = await client.send(new ListStreamsCommand({ TableName: table }));
  const described = await client.send(new DescribeStreamCommand({ StreamArn: stream?.StreamArn }));
  const shard = described.StreamDescription?.Shards?.at(-1)?.ShardId;
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({ StreamArn: stream?.StreamArn, ShardId: shard, ShardIteratorType: 'LATEST' }),
  );
  if (ShardIterator === undefined) throw new Error(`table ${table} has no stream`);
  return ShardIterator;
}
