import { Runs } from '../shared/run/runs.ts';
import type { Services } from './services.ts';

/** Adapters → services: what is left to join once a deployment target has chosen its adapters. */
export function wireServices(given: Omit<Services, 'runs'>): Services {
  return { ...given, runs: new Runs(given) };
}
