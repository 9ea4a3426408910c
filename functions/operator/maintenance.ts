import { timestamp } from '../../shared/clock.ts';
import type { Node } from '../../shared/node/node.ts';
import { refuseLocked } from '../../shared/node/node-guards.ts';
import { nullable, objectWith, text } from '../../shared/resource/checks.ts';
import { wakeRun } from '../../shared/run/wake.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { findNode } from './find-node.ts';

type Needs = Pick<Services, 'nodes' | 'sessions' | 'workflow' | 'clock'>;

export function maintenanceHandlers({ nodes, clock, ...given }: Needs): Record<string, Handler> {
  const write = async (request: ApiRequest, change: Partial<Node>, event: string) => {
    const node = await findNode(nodes, request.params.node ?? '', request.minor);
    refuseLocked(node);
    await nodes.replace({ ...node, ...change, updated_at: timestamp(clock.now()) }, [
      { event_type: 'maintenance', event, severity: 'INFO', user: request.user, detail: {} },
    ]);
    // A run that waits stands still at once, or goes on at once.
    await wakeRun(node, given);
    return { status: 202 };
  };
  return {
    '#set': async (request) => {
      const { reason } = objectWith(request.body ?? {}, ['reason'], 'Maintenance');
      const checked = nullable(text({ max: 65_535 }))(reason ?? null, 'reason');
      const maintenance_reason = typeof checked === 'string' ? checked : null;
      return write(request, { maintenance: true, maintenance_reason }, told('Maintenance set', maintenance_reason));
    },
    '#unset': (request) =>
      write(request, { maintenance: false, maintenance_reason: null, fault: null }, 'Maintenance unset'),
  };
}

/** Why somebody did it belongs into the history too: the row forgets it when the maintenance ends. */
const told = (what: string, reason: string | null): string =>
  reason === null || reason === '' ? what : `${what}: ${reason}`;
