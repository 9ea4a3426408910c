import { join } from 'node:path';
import { RedfishBmc } from '../fakes/redfish-bmc.ts';
import { makeCertificate } from '../rack/certificate.ts';
import { StockAgent } from '../stock-agent/stock-agent.ts';
import { BeatLine } from './beat-line.ts';
import { ReplyLine } from './reply-line.ts';

export type Doing = 'off' | 'firmware' | 'ramdisk' | 'rescue' | 'instance' | 'nothing to boot';

/** A ramdisk's init starts an agent that died again. */
const INIT_RESTARTS_MS = 3000;

/** One machine of the rack: a BMC whose power switch starts and stops an unmodified agent, and a disk that may boot. */
export class RackMachine {
  readonly serial: string;
  readonly mac: string;
  readonly bmc: RedfishBmc;
  readonly ca: string;
  readonly beats: BeatLine;
  readonly replies = new ReplyLine();
  /** Whether the agent gets a step that takes ten minutes. */
  dawdles = false;
  powerDelayMs = 300;
  bootDelayMs = 300;
  doing: Doing = 'off';
  /** What happened, for whoever has to find out why. */
  readonly said: string[] = [];
  #agent: StockAgent | undefined;
  #pending: NodeJS.Timeout | undefined;
  readonly #given: { executable: string; root: string; index: number };

  constructor(given: { executable: string; root: string; index: number; agentUrl: string }) {
    this.#given = given;
    const digit = given.index.toString(16).padStart(2, '0');
    this.serial = `RACK00${digit}`;
    this.mac = `52:54:00:4e:00:${digit}`;
    const { pem: cert, key } = makeCertificate('bmc', '127.0.0.1');
    this.ca = cert;
    this.bmc = new RedfishBmc({ cert, key });
    this.bmc.serial = this.serial;
    this.bmc.uuid = `4e0de1e5-0000-4000-8000-0000000000${digit}`;
    this.bmc.onReset = (type) => this.reset(type);
    this.beats = new BeatLine(given.agentUrl);
  }

  async start(): Promise<this> {
    await Promise.all([this.bmc.start(), this.beats.start(), this.replies.start()]);
    this.replies.agentPort = () => this.#agent?.port ?? 0;
    return this;
  }

  async close(): Promise<void> {
    clearTimeout(this.#pending);
    await this.#unplug();
    await Promise.all([this.bmc.close(), this.beats.close(), this.replies.close()]);
  }

  /** A `ResetType` of Redfish, or a person at the button. Takes its time, as metal does. */
  reset(type: string): void {
    this.#say(`reset ${type}`);
    if (type === 'On') {
      if (this.bmc.power === 'Off') this.#later(this.powerDelayMs, () => this.#on());
    } else if (type === 'ForceRestart') {
      this.#later(this.powerDelayMs, async () => {
        await this.#unplug();
        this.#on();
      });
    } else {
      this.#later(this.powerDelayMs, () => this.#off());
    }
  }

  /** The agent dies and the machine does not: its init starts another one. */
  crashAgent(): void {
    this.#say('the agent is killed');
    void this.#agent?.kill();
  }

  freeze(frozen: boolean): void {
    this.#say(frozen ? 'the ramdisk hangs' : 'the ramdisk goes on');
    this.#agent?.freeze(frozen);
  }

  get disk(): Buffer {
    return this.#lastAgent?.disk ?? Buffer.alloc(0);
  }

  get agentLog(): string {
    return this.#lastAgent?.fullLog ?? '';
  }

  /** What the agent wanted to do to the host: nothing, if all is well. */
  get refused(): string | undefined {
    return this.#lastAgent?.refused;
  }

  #lastAgent: StockAgent | undefined;

  #say(what: string): void {
    this.said.push(`${new Date().toISOString().slice(11, 23)} ${what}`);
  }

  #later(ms: number, act: () => void | Promise<void>): void {
    clearTimeout(this.#pending);
    this.#pending = setTimeout(() => void act(), ms);
  }

  async #unplug(): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    await agent?.kill();
  }

  async #off(): Promise<void> {
    await this.#unplug();
    this.bmc.power = 'Off';
    this.doing = 'off';
    this.#say('is off');
  }

  #on(): void {
    this.bmc.power = 'On';
    this.doing = 'firmware';
    this.#later(this.bootDelayMs, () => this.#boot());
  }

  /** The override first, once or for good; then disk before network, as the firmware's own order is. */
  async #boot(): Promise<void> {
    const { boot } = this.bmc;
    const overridden = boot.BootSourceOverrideEnabled !== 'Disabled' ? boot.BootSourceOverrideTarget : 'None';
    if (boot.BootSourceOverrideEnabled === 'Once') boot.BootSourceOverrideEnabled = 'Disabled';
    const bootable = this.disk.length >= 512 && this.disk.readUInt16BE(510) === 0x55aa;
    const device = overridden === 'None' ? (bootable ? 'Hdd' : 'Pxe') : overridden;
    if (device === 'Pxe') return this.#startAgent();
    this.doing = device === 'Hdd' && bootable ? 'instance' : 'nothing to boot';
    this.#say(`boots from ${device}: ${this.doing}`);
  }

  async #startAgent(): Promise<void> {
    const { executable, root } = this.#given;
    const agent = new StockAgent(executable, {
      folder: join(root, this.serial),
      agentUrl: this.beats.url,
      macs: [this.mac],
      serial: this.serial,
      inspects: true,
      advertisePort: this.replies.port,
      ...(this.dawdles ? { dawdlePriority: 90 } : {}),
    });
    this.#agent = agent;
    this.#lastAgent = agent;
    this.doing = 'ramdisk';
    this.#say('boots the ramdisk');
    await agent.boot();
    void agent.gone.then(() => this.#ended(agent));
  }

  #ended(agent: StockAgent): void {
    // Whoever pulled the plug knows.
    if (this.#agent !== agent) return;
    this.#agent = undefined;
    if (agent.powerEvent === 'power_off') {
      this.bmc.power = 'Off';
      this.doing = 'off';
      this.#say('switches itself off');
    } else if (agent.powerEvent === 'reboot') {
      this.#say('reboots itself');
      this.#on();
    } else if (agent.rescued) {
      this.doing = 'rescue';
      this.#say('is handed to a person');
    } else {
      this.#say('the agent has died; init starts another one');
      this.#later(INIT_RESTARTS_MS, () => this.#startAgent());
    }
  }
}
