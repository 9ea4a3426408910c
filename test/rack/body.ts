import type { Defects, Json } from './types.ts';

/** The hardware under an agent, as far as commands reach it. */
export interface MachineBody {
  /** An agent of 2014-2016. */
  readonly legacy: boolean;
  readonly defects: Defects;
  readonly writeSeconds: number;
  /** Identifier of the partition table on the disk; null: nothing written. */
  readonly diskId: () => string | null;
  readonly inventory: () => Json;
  readonly sleep: (seconds: number) => Promise<void>;
  readonly forever: () => Promise<never>;
  /** The node as the server described it last; a `node` parameter replaces it. */
  readonly cacheNode: (node: Json) => void;
  /** Asks the server again when it gave no hint for the root disk. */
  readonly refreshNode: () => Promise<void>;
  readonly writeDisk: (image: Json, configDrive: unknown) => string;
  readonly eraseDisk: () => void;
  readonly orderPowerOff: () => void;
  readonly orderReboot: () => void;
  readonly lockDown: () => void;
  readonly rescue: (password: string, hashed: boolean) => void;
}
