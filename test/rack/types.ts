/** What a machine of the rack is made of, and what it tells about itself. */

export type Json = Record<string, unknown>;

/** `stranded`: powered, but no agent will ever speak again until somebody power-cycles the machine. */
export type MachineState = 'off' | 'lookup' | 'ramdisk' | 'instance' | 'stranded';

export type BootDevice = 'network' | 'disk';

export type MachineEventKind =
  | 'power-on'
  | 'power-off'
  | 'inspection'
  | 'lookup'
  | 'adopted'
  | 'heartbeat'
  | 'command'
  | 'command-ended'
  | 'disk-written'
  | 'disk-erased'
  | 'reboot-ordered'
  | 'power-off-ordered'
  | 'rescued'
  | 'locked-down'
  | 'instance'
  | 'stranded'
  | 'died';

export interface MachineEvent {
  readonly at: number;
  readonly serial: string;
  readonly kind: MachineEventKind;
  readonly detail: Json;
}

export interface SeenCommand {
  readonly name: string;
  readonly params: Json;
  readonly at: number;
}

/** Things that go wrong in real racks, on purpose. */
export interface Defects {
  /** So many answers to lookup never reach the agent (the server has answered): the way a token gets lost. */
  lostLookupAnswers?: number;
  /** So many answers to a heartbeat never reach the agent. */
  lostBeatAnswers?: number;
  /** The agent adopts its node and then never heartbeats. */
  silent?: boolean;
  /** Step name -> error text: these steps end as FAILED. */
  failingSteps?: Record<string, string>;
  /** These steps never end. */
  endlessSteps?: readonly string[];
}

export interface MachineOptions {
  /** Base URL without `/v1`, as in the kernel parameter `ipa-api-url`; a path is kept. */
  apiUrl: string;
  macs: readonly string[];
  serial?: string;
  /** SMBIOS UUID. Agents never send it; it is here for power controllers that know machines by it. */
  uuid?: string;
  vendor?: string;
  product?: string;
  bmcAddress?: string | null;
  memoryMb?: number;
  cpuCount?: number;
  diskGb?: number;
  inspect?: boolean;
  /** Speak the protocol of 2014-2016 (vendor passthru, plain HTTP, no token). */
  legacy?: boolean;
  /** Driver name in the legacy lookup. */
  legacyDriver?: string;
  tls?: boolean;
  /** Token given at boot, as with virtual media (`ipa-agent-token`). */
  bootToken?: string;
  /** Divides every wait. */
  timeScale?: number;
  /** More query parameters of the lookup. */
  lookupExtra?: Record<string, string>;
  lookupTimeoutSeconds?: number;
  lookupIntervalSeconds?: number;
  /** How long writing an image takes. */
  writeSeconds?: number;
  /** From power to the first request of the agent. */
  bootSeconds?: number;
  /** From a power-off or reboot command to the end of the agent. */
  haltSeconds?: number;
  /** The ramdisk's init starts a dead agent again after this; null: never. */
  restartSeconds?: number | null;
  onEvent?(event: MachineEvent): void;
  random?: () => number;
  defects?: Defects;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
