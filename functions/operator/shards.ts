import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';

export function shardHandlers({ nodes }: Pick<Services, 'nodes'>): Record<string, Handler> {
  return {
    '#list': async (request) => {
      needs(request, 82, 404);
      const counts = new Map<string, number>();
      // Nodes without a shard are counted under this very word (T28).
      for (const { shard } of await nodes.list()) counts.set(shard ?? 'None', (counts.get(shard ?? 'None') ?? 0) + 1);
      const order = (name: string) => (name === 'None' ? '' : name);
      const sorted = [...counts].sort(([a], [b]) => (order(a) < order(b) ? -1 : 1));
      return { status: 200, body: { shards: sorted.map(([name, count]) => ({ name, count })) } };
    },
  };
}
