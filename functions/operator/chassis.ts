import { InvalidInput } from '../../shared/errors.ts';
import { CHASSIS } from '../../shared/resource/chassis.ts';
import type { Handler, Services } from '../services.ts';
import { type Needs, resourceCalls, resourceHandlers } from './resource-handlers.ts';

export function chassisHandlers(services: Needs & Pick<Services, 'nodes'>): Record<string, Handler> {
  const hooks = {
    remove: async ({ uuid }: { uuid: string }) => {
      const full = (await services.nodes.list()).some((node) => node.chassis_uuid === uuid);
      if (full) throw new InvalidInput(`Cannot delete chassis ${uuid}: it has nodes.`);
    },
  };
  const { list } = resourceCalls(services, CHASSIS, hooks);
  return {
    ...resourceHandlers(services, CHASSIS, hooks),
    '#detail': (request) => list(request, { detail: true }),
  };
}
