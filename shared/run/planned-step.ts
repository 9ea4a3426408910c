import type { JsonObject } from '../json.ts';
import type { Phase } from './run.ts';

export interface PlannedStep {
  interface: string;
  step: string;
  priority: number;
  args: JsonObject;
  reboot_requested?: boolean;
  abortable?: boolean;
  /** Steps of ours: what they stand for. */
  phases?: Phase[];
}

/** Ties between equal priorities, as Ironic orders them (contract §3.6). */
const INTERFACE_RANK: Record<string, number> = {
  network: 8,
  vendor: 7,
  power: 6,
  management: 5,
  firmware: 4,
  deploy: 3,
  bios: 2,
  raid: 1,
};

export function byPriority(a: PlannedStep, b: PlannedStep): number {
  return b.priority - a.priority || (INTERFACE_RANK[b.interface] ?? 0) - (INTERFACE_RANK[a.interface] ?? 0);
}
