import type { Configuration } from '../configuration.ts';
import type { Node } from '../node/node.ts';

/**
 * `heartbeat_timeout` for a boot, in seconds: short where a run waits for this machine, so that its restarts are seen
 * soon; long where nothing does, since every beat costs. A boot keeps what it was told.
 */
export function intervalFor(
  node: Pick<Node, 'run'>,
  settings: Pick<Configuration, 'heartbeatIntervalSeconds' | 'runHeartbeatIntervalSeconds'>,
): number {
  const idle = settings.heartbeatIntervalSeconds;
  return node.run && !node.run.ended ? Math.min(settings.runHeartbeatIntervalSeconds, idle) : idle;
}
