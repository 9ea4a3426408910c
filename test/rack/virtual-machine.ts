import { randomBytes } from 'node:crypto';
import { type AgentHost, AgentProcess } from './agent-process.ts';
import { Clock, Ended } from './clock.ts';
import { type Settings, settingsOf } from './settings.ts';
import type { BootDevice, Json, MachineEventKind, MachineOptions, MachineState, SeenCommand } from './types.ts';

export type { Defects, MachineEvent, MachineOptions, MachineState, SeenCommand } from './types.ts';

/** Orders from inside are obeyed no sooner: the answer to the command must leave first. */
const GRACE_SECONDS = 0.05;

/** A machine that behaves like a stock agent on the wire, and like a machine otherwise. */
export class VirtualMachine {
  readonly settings: Settings;
  readonly commandsSeen: SeenCommand[] = [];
  /** What the BMC was told; `auto`: the disk as soon as something is written on it. */
  bootDevice: BootDevice | 'auto' = 'auto';
  state: MachineState = 'off';
  #power: Clock | undefined;
  #agent: AgentProcess | undefined;
  #image: Json | null = null;
  #configDrive: unknown = null;
  #diskId: string | null = null;
  #rescued = false;
  #crashed = false;
  readonly #host: AgentHost;

  constructor(options: MachineOptions) {
    this.settings = settingsOf(options);
    this.#host = this.#hostOfAgent();
  }

  get serial(): string {
    return this.settings.serial;
  }

  get macs(): readonly string[] {
    return this.settings.macs;
  }

  /** The node's UUID as the server told it. */
  get uuid(): string | undefined {
    return this.#host.uuid;
  }

  /** The token of the running agent; null: none. */
  get token(): string | null {
    return this.#agent?.token ?? null;
  }

  /** The `image_info` on the disk and its config drive; null: nothing written, or erased. */
  get disk(): { image: Json; configDrive: unknown } | null {
    return this.#image && { image: this.#image, configDrive: this.#configDrive };
  }

  powerOn(): void {
    if (this.#power) return;
    const power = new Clock(this.settings.timeScale);
    this.#power = power;
    this.state = 'lookup';
    this.#tell('power-on');
    this.#live(power).catch((error: unknown) => {
      if (!(error instanceof Ended)) throw error;
    });
  }

  /** The plug is pulled: no goodbye on the wire. */
  async powerOff(): Promise<void> {
    const [power, agent] = [this.#power, this.#agent];
    if (!power) return;
    this.#power = undefined;
    this.#agent = undefined;
    this.state = 'off';
    this.#rescued = false; // The marker is in the memory of the ramdisk
    power.end();
    this.#tell('power-off');
    await agent?.end();
  }

  /** A reset by the BMC. */
  async reboot(): Promise<void> {
    await this.powerOff();
    this.powerOn();
  }

  /** The agent dies and the ramdisk's init starts it again: token and command list are lost. */
  async crashAgent(): Promise<void> {
    if (!this.#agent) return;
    this.#crashed = true;
    await this.#agent.end();
  }

  async close(): Promise<void> {
    await this.powerOff();
  }

  async #live(power: Clock): Promise<void> {
    await power.sleep(this.settings.bootSeconds);
    if (this.#bootsFromDisk()) {
      this.state = 'instance';
      this.#tell('instance', { image: this.#image?.id ?? null });
      return;
    }
    for (;;) {
      await this.#runAgent();
      const { restartSeconds } = this.settings;
      if (power.signal.aborted) return;
      if (restartSeconds === null && !this.#crashed) {
        this.state = 'stranded';
        this.#tell('stranded', { why: 'the agent has died' });
        return;
      }
      this.#crashed = false;
      this.state = 'lookup';
      await power.sleep(restartSeconds ?? 0);
    }
  }

  /** Until the agent ends, in whichever way. */
  async #runAgent(): Promise<void> {
    const agent = new AgentProcess(this.#host);
    this.#agent = agent;
    try {
      await agent.run();
    } catch (error) {
      if (!(error instanceof Ended)) this.#tell('died', { why: (error as Error).message });
    }
    await agent.end();
    if (this.#agent === agent) this.#agent = undefined;
  }

  #bootsFromDisk(): boolean {
    return this.bootDevice !== 'network' && this.#diskId !== null;
  }

  #tell(kind: MachineEventKind, detail: Json = {}): void {
    this.settings.onEvent({ at: Date.now(), serial: this.serial, kind, detail });
  }

  /** Does it after the halt delay, unless the plug was pulled before. */
  #later(seconds: number, action: () => Promise<void>): void {
    const power = this.#power;
    power?.sleep(Math.max(seconds, GRACE_SECONDS * this.settings.timeScale)).then(action, () => {});
  }

  #hostOfAgent(): AgentHost {
    const { haltSeconds } = this.settings;
    return {
      settings: this.settings,
      port: 0,
      uuid: undefined,
      tell: (kind, detail) => this.#tell(kind, detail),
      enter: (state) => {
        // An agent that is being ended has no say any more
        if (this.#power) this.state = state;
      },
      seen: (command) => {
        this.commandsSeen.push(command);
        this.#tell('command', { name: command.name });
      },
      rescued: () => this.#rescued,
      body: {
        diskId: () => this.#diskId,
        writeDisk: (image, configDrive) => {
          this.#image = image;
          this.#configDrive = configDrive;
          this.#diskId = `0x${randomBytes(4).toString('hex')}`;
          this.#tell('disk-written', { image: image.id });
          return this.#diskId;
        },
        eraseDisk: () => {
          this.#image = null;
          this.#configDrive = null;
          this.#diskId = null;
          this.#tell('disk-erased');
        },
        orderPowerOff: () => {
          this.#tell('power-off-ordered');
          this.#later(haltSeconds, () => this.powerOff());
        },
        orderReboot: () => {
          this.#tell('reboot-ordered');
          this.#later(haltSeconds, () => this.reboot());
        },
        rescue: (_password, hashed) => {
          this.#rescued = true;
          this.#tell('rescued', { hashed });
          this.#later(0, async () => this.#agent?.end());
        },
      },
    };
  }
}
