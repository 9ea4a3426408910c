import type { BootImages } from './boot/boot-script.ts';
import type { Policy } from './enrollment/policy.ts';
import type { HookTarget } from './hook/hook-port.ts';
import { DEFAULT_MATCHING, type Matching } from './identity/matching.ts';

/** What an operator may set: a file, checked by infra/local/configuration.ts; on AWS it travels in an environment variable. */
export interface Configuration {
  /** Silence of an agent or a BMC, in seconds, after which a run of that flow fails. */
  deadlines: {
    deploy: number;
    clean: number;
    inspect: number;
    rescue: number;
    service: number;
    /** Of work on one step, however often the agent beats. */
    step: number;
    /** Of an operator's hold. */
    hold: number;
  };
  /** Told to an agent for which nothing waits. */
  heartbeatIntervalSeconds: number;
  /** Told to an agent for which a run waits. */
  runHeartbeatIntervalSeconds: number;
  /** How often the power state of each node is compared with its BMC's, as far as one sweep can; 0: never. */
  powerSyncSeconds: number;
  /** A machine that is present is used without a reboot. */
  fastTrack: boolean;
  /** A machine that registers itself while its node is `manageable` moves it on to `available`. */
  provideWhenPresent: boolean;
  /** CIDRs in which a callback URL must lie. */
  agentNetworks: string[];
  /** Where 2014 agents, which have no token, may look up and heartbeat from; the node must say `driver_info.legacy_heartbeat: true` too. */
  legacyHeartbeat: { networks: string[] };
  enrollment: {
    /** What happens to a machine that nobody knows. */
    unknown: 'enroll' | 'hold' | 'deny';
    driver: string;
    /** How far an enrolled node is taken at once. */
    state: 'enroll' | 'manageable' | 'available';
    resourceClass: string | null;
    /** Asked in this order, after the stored ones; `unknown` is the last one. */
    policies?: Policy[];
  };
  /** Bounds of what strangers may leave behind; `shared/inbox/room.ts` has the defaults. */
  inbox?: { perMinute?: number; most?: number; keepDays?: number };
  /** The operator's own code, by name. */
  hooks: Readonly<Record<string, HookTarget>>;
  /** What `/boot.ipxe` boots a machine with; null: it boots none. */
  boot: BootImages | null;
  /**
   * URL of `/parameters.iso` of the agent API, or of a copy at the site, as BMCs reach it; null: no second medium. With
   * `/parameters/{medium}.iso` the medium has the token of each boot, too.
   */
  parametersIso: string | null;
  /** How evidence becomes a node. */
  matching: Matching;
  automatedClean: boolean;
  /** Ironic's default is true. MD5 says that an image arrived whole, and nothing of whose it is. */
  allowMd5Checksum: boolean;
  /** When the logs of a ramdisk are collected: at the end of a deploy, when a run fails, or not at all. */
  agentLogs: 'always' | 'on_failure' | 'never';
  limits: { enrolmentsPerMinute: number; concurrentRuns: number; stopAll: boolean };
}

export const DEFAULTS: Configuration = {
  deadlines: { deploy: 1800, clean: 1800, inspect: 1800, rescue: 1800, service: 1800, step: 21_600, hold: 604_800 },
  heartbeatIntervalSeconds: 300,
  runHeartbeatIntervalSeconds: 60,
  powerSyncSeconds: 600,
  fastTrack: true,
  provideWhenPresent: false,
  agentNetworks: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
  legacyHeartbeat: { networks: [] },
  enrollment: { unknown: 'hold', driver: 'manual', state: 'enroll', resourceClass: null },
  hooks: {},
  boot: null,
  parametersIso: null,
  matching: DEFAULT_MATCHING,
  automatedClean: false,
  allowMd5Checksum: false,
  agentLogs: 'on_failure',
  limits: { enrolmentsPerMinute: 60, concurrentRuns: 250, stopAll: false },
};

/** What an operator did set: fields, and fields of fields, may be left out. */
export type GivenConfiguration = {
  [Field in keyof Configuration]?: Configuration[Field] extends readonly unknown[]
    ? Configuration[Field]
    : Partial<Configuration[Field]>;
};

/** What is left out keeps its default, also inside an object; a list is replaced as a whole. */
export function completed(given: GivenConfiguration, defaults: Configuration = DEFAULTS): Configuration {
  const whole = Object.entries(given).map(([field, value]) => {
    const nested = typeof value === 'object' && value !== null && !Array.isArray(value);
    return [field, nested ? { ...(defaults[field as keyof Configuration] as object | null), ...value } : value];
  });
  return { ...defaults, ...Object.fromEntries(whole) };
}
