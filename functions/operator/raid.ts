import { implementationOf } from '../../shared/drivers/implementation.ts';
import { InvalidInput, NotFound } from '../../shared/errors.ts';
import type { JsonObject } from '../../shared/json.ts';
import { refuseLocked } from '../../shared/node/node-guards.ts';
import { isObject, objectWith } from '../../shared/resource/checks.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';
import { findNode } from './find-node.ts';

const LEVELS: readonly unknown[] = ['JBOD', '0', '1', '2', '5', '6', '1+0', '5+0', '6+0'];

export function raidHandlers({ nodes }: Pick<Services, 'nodes'>): Record<string, Handler> {
  return {
    '#set': async (request) => {
      needs(request, 12, 406);
      const target = raidConfig(request.body);
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      if (implementationOf(node, 'raid') === 'no-raid') {
        throw new NotFound(`Driver ${node.driver} of node ${node.uuid} does not support raid.`);
      }
      refuseLocked(node);
      await nodes.replace({ ...node, target_raid_config: target });
      return { status: 204 };
    },
  };
}

/** `{}` clears it; otherwise every logical disk needs a size and a level. */
function raidConfig(body: unknown): JsonObject {
  const config = objectWith(body, ['logical_disks'], 'RAID configuration');
  if (Object.keys(config).length === 0) return config;
  const { logical_disks: disks } = config;
  if (!Array.isArray(disks) || disks.length === 0) throw new InvalidInput('RAID configuration: logical_disks is empty');
  for (const disk of disks) {
    const size = isObject(disk) ? disk.size_gb : undefined;
    const sized = size === 'MAX' || (Number.isInteger(size) && Number(size) > 0);
    if (!sized || !isObject(disk) || !LEVELS.includes(disk.raid_level)) {
      throw new InvalidInput(
        'RAID configuration: each logical disk needs size_gb (a number or MAX) and raid_level (JBOD, 0, 1, 2, 5, 6, 1+0, 5+0, 6+0)',
      );
    }
  }
  return config;
}
