import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';

export function shardHandlers({ nodes }: Pick<Services, 'nodes'>): Record<string, Handler> {
  return {
    '#list': async (request) => {
      needs(request, 82, 404);
      const counts = new Map<string, number>();
      // Nodes without a shard are counted under this very word (T28).
      for (const { shard } of await nodes.list()) counts.set(shard ?? 'None', (counts.get(shard ?? 'None') ?? 0) + 1);
      return { status: 200, body: { shards: [...counts].map(([name, count]) => ({ name, count })) } };
    },
  };
}
