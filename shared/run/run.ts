import type { JsonObject } from '../json.ts';

export type FlowName =
  | 'verify'
  | 'deploy'
  | 'rebuild'
  | 'undeploy'
  | 'clean'
  | 'provide'
  | 'inspect'
  | 'rescue'
  | 'unrescue'
  | 'service'
  | 'adopt'
  | 'power';

/** Agents list, run and version their steps by these. */
export type StepKind = 'deploy' | 'clean' | 'service';

/** Targets of `PUT …/states/power`. */
export type PowerTarget = 'power on' | 'power off' | 'rebooting' | 'soft power off' | 'soft rebooting';

/** Where they end. */
export type PowerEnd = 'power on' | 'power off';

/** One thing a run has to do, as data; `phases/` has one pure function a kind. */
export type Phase =
  /** Bring the machine to a power state through its driver, and see it arrive there. */
  | { kind: 'power'; target: PowerTarget; why: string; unlessPresent?: boolean; timeoutSeconds?: number }
  /**
   * A person was told what to do. `seen`: the machine itself shows that it is done, by an agent that beats or an inventory;
   * else somebody reports it with `PUT …/states/power`.
   */
  | { kind: 'by-hand'; ends: PowerEnd; instruction: string; seen: boolean }
  /** Ask the driver for the power state and write it down. */
  | { kind: 'power-state' }
  /** `handOver`: the machine is off, and the ramdisk's token goes onto a medium beside its ISO. */
  | { kind: 'boot-device'; device: 'pxe' | 'disk'; persistent: boolean; unlessPresent?: boolean; handOver?: true }
  /** What the BMC knows of the machine, into properties, ports and inventory; nothing boots. */
  | { kind: 'inspect-bmc' }
  /** Wait until an agent beats (skipped when one is present and nothing rebooted it). */
  | { kind: 'await-agent' }
  /** Wait until the ramdisk has posted its inventory. */
  | { kind: 'await-inspection' }
  /** Nobody can do what was asked: the run ends with that reason. */
  | { kind: 'refuse'; reason: string }
  /** Move the node's state along, e.g. from deleting to cleaning. */
  | { kind: 'lifecycle'; event: string }
  /**
   * Ask the agent for its steps and put them, ordered, after this phase. `versionsOnly`: the list stands, the hardware
   * managers changed.
   */
  | { kind: 'plan'; of: StepKind; requested: JsonObject[]; versionsOnly?: boolean }
  /** `execute_<of>_step`; ends when the agent's list shows it ended. */
  | { kind: 'step'; of: StepKind; step: JsonObject; abortable?: boolean }
  /**
   * A step of the driver's own, without the agent. `ramdisk`: a restart that it asks for goes there. `restarted`: that has
   * been; what it changed is looked at.
   */
  | { kind: 'driver-step'; of: StepKind; step: JsonObject; ramdisk: boolean; restarted?: true }
  /** Ironic's reserved step `hold`: nothing happens until an operator says `unhold`. */
  | { kind: 'hold' }
  /** Ironic's reserved step `wait`: so many seconds. */
  | { kind: 'pause'; seconds: number }
  /** `log.collect_system_logs` into the documents; never fails a run. */
  | { kind: 'collect-logs' }
  /** The agent is gone for good, and its token with it. */
  | { kind: 'gone' }
  /** A command of the agent by name; sync ones answer at once, async ones end on a later beat. */
  | {
      kind: 'command';
      name: string;
      params: JsonObject;
      async: boolean;
      saveAs?: string;
      optional?: boolean;
      /** The agent closes its API when it has done it: the reply may be lost with that. */
      last?: boolean;
    }
  | { kind: 'install-bootloader' }
  /** Last words to the agent: after this it is not expected to beat. */
  | { kind: 'leave'; command: 'standby.power_off' | 'standby.run_image' | 'system.lockdown' };

/**
 * Where a run is. Lives in the node's row, which is the truth: whatever dies, this says what comes next.
 */
export interface Run {
  /** `<node uuid>-<created>-<sequence>`: the start of its executions' names. */
  id: string;
  sequence: number;
  flow: FlowName;
  /** Grows when a successor execution takes over. */
  attempt: number;
  /** Executions that died since the last one that handed over. */
  deaths?: number;
  /** Wake-ups of this attempt; at 500 it hands over. */
  wakes: number;
  phases: Phase[];
  /** ms: when the task came in that wrote this last. An older one that still works must stop. */
  enteredAt: number;
  /** Index into `phases`; equal to its length when nothing is left. */
  cursor: number;
  /** Inside the current phase. */
  stage: 'start' | 'sending' | 'waiting' | 'settling';
  /** Checks made inside the stage (power checks, busy answers). */
  tries: number;
  /** Id of the last command of the agent's list that belongs to an earlier phase: a newer one is ours. */
  lastCommandId: string | null;
  /** Id of the command that this phase started, when its answer arrived. */
  commandId: string | null;
  /** Session generation that the run talks to; another one means the agent restarted. */
  generation: number | null;
  /** The machine is known to be in the ramdisk and was not rebooted since. */
  present: boolean;
  /** Session generation whose agent did not answer, or is stuck: for no later run is it present. */
  unfit?: number;
  /** ms: when a ramdisk last posted its inventory while this run had an agent. Newer than the last beat = a restart. */
  inventoryAt?: number;
  /** Why the inventory that it waits for was not taken, what an operator does before the next one, and when (ms). */
  refused?: { reason: string; next: string; at: number };
  /** Why it waits, for a person, and until when (ms). Null while it works. */
  waiting: { for: string; since: number; until: number; graced?: boolean; frozen?: true } | null;
  /** ms: the current step must have ended by then, however often the agent beats. */
  stepDeadline: number | null;
  /** hardware_manager_version as the agent gave it, and results kept for later phases. */
  memory: JsonObject;
  /** Who asked to end it while a step ran that must not be broken off; honoured when the step has ended. */
  abort: string | null;
  /** It has failed with this reason, and only tidies up. */
  failing?: { reason: string; fault?: Fault };
  /** Key of the document that holds the ramdisk's logs. */
  logs?: string;
  ended: { result: 'done' | 'failed'; reason: string | null; at: string } | null;
  startedAt: string;
}

/** Set with a failure that leaves the machine in an unknown condition. */
export type Fault = 'clean failure' | 'service failure';

/** What happened. The reply to an exchange is an event like any other. */
export type RunEvent =
  | { kind: 'started' }
  | { kind: 'resumed' }
  | { kind: 'beat' }
  | { kind: 'reply'; reply: ExchangeReply }
  | { kind: 'time-is-up'; why: string }
  | { kind: 'agent-restarted' }
  | { kind: 'aborted'; by: string };

/** What to do next. */
export type Effect =
  | { kind: 'exchange'; request: ExchangeRequest }
  | { kind: 'wait-beat'; for: string }
  | { kind: 'pause'; seconds: number; for: string }
  /** The execution ends here; `unhold` starts the next one. */
  | { kind: 'hold'; for: string }
  | { kind: 'done' }
  | { kind: 'failed'; reason: string };

/** One exchange with an agent or a BMC; everything it needs is in it except secrets, which the shell adds. */
export type ExchangeRequest =
  | { to: 'agent'; command: 'list' }
  | { to: 'agent'; command: 'run'; name: string; params: JsonObject; wait: boolean }
  | { to: 'driver'; action: 'power-state' }
  | { to: 'driver'; action: 'set-power'; target: Exclude<PowerTarget, 'soft rebooting'> }
  | { to: 'driver'; action: 'inspect' }
  | { to: 'driver'; action: 'run-step' | 'check-step'; step: JsonObject }
  | {
      to: 'driver';
      action: 'set-boot-device';
      device: string;
      persistent: boolean;
      handOver?: true;
      /** Put in when it leaves: its name may be known to nobody else. */
      beside?: Beside;
    };

/** The medium beside an agent ISO, and the configuration's address by which those of other boots are known. */
export type Beside = { image: string; like: string };

export interface AgentCommand {
  id: string;
  command_name: string;
  command_status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CLEAN_VERSION_MISMATCH' | 'VERSION_MISMATCH' | string;
  command_error: { type?: string; code?: number; message?: string; details?: string } | null;
  command_result: JsonObject | null;
}

export type ExchangeReply =
  | { kind: 'commands'; commands: AgentCommand[] }
  | { kind: 'command'; command: AgentCommand }
  | { kind: 'busy'; with: string }
  /** The agent answered, with a refusal. */
  | { kind: 'refused'; status: number; message: string }
  /** No answer: connection, time-out, TLS. The request may or may not have arrived. */
  | { kind: 'unreachable'; message: string }
  | { kind: 'power'; state: 'power on' | 'power off' | null }
  | { kind: 'accepted'; beside?: 'no slot' }
  /** An inventory in the agent's shape (`interfaces`, `cpu`, `memory`, …), made from what a BMC tells. */
  | { kind: 'inspected'; inventory: JsonObject; firmware?: JsonObject }
  /**
   * A step of a driver. `restart`: it counts from the next boot on, and is looked at then. `lacking`: what of it does not
   * count yet. `firmware`: what there is now, to be kept.
   */
  | { kind: 'stepped'; restart?: true; lacking?: string; firmware?: JsonObject }
  | { kind: 'pending' }
  | { kind: 'unsupported'; message: string };
