import { RedfishBmcs } from '../shared/drivers/redfish/redfish-bmcs.ts';
import { remoteDrivers } from '../shared/drivers/remote-drivers.ts';
import { Runs } from '../shared/run/runs.ts';
import type { Services } from './services.ts';

/** Adapters → services: what is left to join once a deployment target has chosen its adapters. */
export function wireServices(given: Omit<Services, 'runs' | 'bmcs'>): Services {
  const bmcs = remoteDrivers(new RedfishBmcs(given), given.hooks, given.ids);
  return { ...given, runs: new Runs(given), bmcs };
}
