import { randomUUID } from 'node:crypto';
import type { Hooks } from '../hook/hook-port.ts';
import { noHooks } from '../hook/no-hooks.ts';
import type { Node } from '../node/node.ts';
import type { ExchangeReply } from '../run/run.ts';
import type { Bmcs } from './bmcs.ts';
import type { DriverRequest } from './driver.ts';
import { askHookDriver } from './hook/hook-driver.ts';
import { powerCapability } from './registry.ts';

/** Who drives a node from afar: its BMC, or an operator's own code. */
export function remoteDrivers(
  bmcs: Bmcs,
  hooks: Hooks = noHooks,
  ids: { uuid(): string } = { uuid: randomUUID },
): Bmcs {
  return {
    async exchange(node: Node, request: DriverRequest): Promise<ExchangeReply> {
      return powerCapability(node) === 'hook' ? askHookDriver(hooks, node, request, ids) : bmcs.exchange(node, request);
    },
    talk: (node, dialogue) => bmcs.talk(node, dialogue),
  };
}
