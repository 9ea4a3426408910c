import { type Adoption, adopt, adoptLegacy } from './adoption.ts';
import type { MachineBody } from './body.ts';
import { makeCertificate } from './certificate.ts';
import { Clock } from './clock.ts';
import { CommandList } from './command-list.ts';
import { type CommandServer, startCommandServer } from './command-server.ts';
import { CATALOGUE, LEGACY_CATALOGUE } from './commands.ts';
import { Discovery } from './discovery.ts';
import { type BeatOutcome, Heart } from './heartbeat.ts';
import { inspect } from './inspection.ts';
import { inventoryOf } from './inventory.ts';
import { legacyBeat, legacyLookup } from './legacy.ts';
import { type LookupTools, lookup } from './lookup.ts';
import type { Settings } from './settings.ts';
import { isObject, type Json, type MachineEventKind, type MachineState, type SeenCommand } from './types.ts';
import { Wire } from './wire.ts';

/** What the machine lends to the agent that runs on it. */
export interface AgentHost {
  readonly settings: Settings;
  readonly body: Pick<MachineBody, 'diskId' | 'writeDisk' | 'eraseDisk' | 'orderPowerOff' | 'orderReboot' | 'rescue'>;
  readonly tell: (kind: MachineEventKind, detail?: Json) => void;
  readonly enter: (state: MachineState) => void;
  readonly seen: (command: SeenCommand) => void;
  readonly rescued: () => boolean;
  port: number;
  uuid: string | undefined;
}

const ADDRESS = '127.0.0.1';

/** One run of the agent, from its start to its end; nothing of it survives. */
export class AgentProcess {
  token: string | null = null;
  readonly #host: AgentHost;
  readonly #clock: Clock;
  readonly #tools: LookupTools;
  #heart: Heart | undefined;
  #server: CommandServer | undefined;
  #lockdown: (() => void) | undefined;

  constructor(host: AgentHost) {
    this.#host = host;
    this.#clock = new Clock(host.settings.timeScale);
    const wire = new Wire(this.#clock.signal);
    const discovery = new Discovery(wire, host.settings.apiUrl);
    const tell = (detail: Json) => host.tell('lookup', detail);
    this.#tools = { settings: host.settings, wire, clock: this.#clock, discovery, tell };
  }

  /** Rejects with `Ended` when ended from outside, with anything else when the agent dies by itself. */
  async run(): Promise<never> {
    const { settings, tell, enter } = this.#host;
    enter('lookup');
    let uuid: string | undefined;
    if (settings.inspect && !settings.legacy) {
      uuid = await inspect(settings, this.#tools.wire, this.#clock);
      tell('inspection', { uuid: uuid ?? null });
    }
    const adoption = await this.#adopt(uuid);
    this.token = adoption.token;
    this.#host.uuid = adoption.uuid;
    tell('adopted', { uuid: adoption.uuid, token: adoption.token !== null });
    if (adoption.lockedOut) return this.#strand('the token was given out before');
    enter('ramdisk');
    // A rescued machine looks up once more, then sees its marker
    if (this.#host.rescued()) return this.#clock.forever();
    const callbackUrl = await this.#serve(adoption);
    if (settings.defects.silent) return this.#clock.forever();
    const locked = new Promise<'locked'>((resolve) => {
      this.#lockdown = () => resolve('locked');
    });
    const heart = this.#beat(adoption, callbackUrl);
    heart.catch(() => {});
    await Promise.race([heart, locked]);
    await this.#server?.close();
    tell('locked-down');
    return this.#strand('locked down');
  }

  async end(): Promise<void> {
    this.#clock.end();
    await this.#server?.close();
  }

  async #adopt(uuid: string | undefined): Promise<Adoption> {
    const { settings } = this.#host;
    if (!settings.legacy) return adopt(await lookup(this.#tools, uuid), settings.bootToken || null);
    const { wire, clock, tell } = this.#tools;
    return adoptLegacy(await legacyLookup(settings, wire, clock, tell, uuid));
  }

  #strand(why: string): Promise<never> {
    this.#host.enter('stranded');
    this.#host.tell('stranded', { why });
    return this.#clock.forever();
  }

  #certificate: string | undefined;

  async #serve(adoption: Adoption): Promise<string> {
    const { settings, port } = this.#host;
    const { legacy } = settings;
    // Which own address leads to the server: asked with a bare GET, whose answer does not matter
    if (!legacy) await this.#tools.wire.probe(settings.apiUrl).catch(() => {});
    const secure = settings.tls && !legacy && (await this.#tools.discovery.minor()) >= 68;
    const certificate = secure ? makeCertificate(settings.serial.toLowerCase(), ADDRESS) : undefined;
    this.#certificate = certificate?.pem;
    const list = new CommandList({
      body: this.#body(adoption),
      catalogue: legacy ? LEGACY_CATALOGUE : CATALOGUE,
      legacy,
      onStart: this.#host.seen,
      onEnd: ({ name, status }) => {
        this.#host.tell('command-ended', { name, status });
        this.#heart?.force();
      },
    });
    const version = legacy ? '1.4.0' : '13.0.0';
    const api = { list, token: adoption.token, legacy, startedAt: Date.now() / 1000, version, random: settings.random };
    const server = await startCommandServer({ api, certificate, tlsMinimum: adoption.tlsMinimum, port });
    this.#server = server;
    if (this.#clock.signal.aborted) await server.close();
    this.#host.port = server.port;
    return `${secure ? 'https' : 'http'}://${ADDRESS}:${server.port}`;
  }

  #beat(adoption: Adoption, callbackUrl: string): Promise<void> {
    const { settings } = this.#host;
    this.#heart = new Heart({
      clock: this.#clock,
      timeout: adoption.heartbeatTimeout,
      random: settings.random,
      legacy: settings.legacy,
      send: () => this.#send(adoption, callbackUrl),
    });
    return this.#heart.run();
  }

  async #send({ uuid, token }: Adoption, callbackUrl: string): Promise<BeatOutcome> {
    const { settings, tell } = this.#host;
    const { wire, discovery } = this.#tools;
    if (settings.legacy) {
      const beat = await legacyBeat(settings, wire, uuid, callbackUrl);
      tell('heartbeat', { status: beat.status });
      return beat.outcome;
    }
    const minor = await discovery.forBeat();
    const body = {
      callback_url: callbackUrl,
      ...(minor >= 62 ? { agent_token: token } : {}),
      ...(minor >= 36 ? { agent_version: '13.0.0' } : {}),
      ...(minor >= 68 && this.#certificate ? { agent_verify_ca: this.#certificate } : {}),
    };
    const answer = await wire.call('POST', `${settings.apiUrl}/v1/heartbeat/${uuid}`, `1.${minor}`, body);
    tell('heartbeat', { status: answer.status });
    if (settings.defects.lostBeatAnswers) {
      settings.defects.lostBeatAnswers -= 1;
      return 'refused';
    }
    return answer.status === 202 ? 'accepted' : 'refused';
  }

  #body(adoption: Adoption): MachineBody {
    const { settings, body } = this.#host;
    const hints = (node: Json) =>
      [node.instance_info, node.properties].some((part) => isObject(part) && part.root_device);
    let node = adoption.node;
    return {
      ...body,
      legacy: settings.legacy,
      defects: settings.defects,
      writeSeconds: settings.writeSeconds,
      inventory: () => inventoryOf(settings, adoption.hideBmc),
      sleep: (seconds) => this.#clock.sleep(seconds),
      forever: () => this.#clock.forever(),
      cacheNode: (given) => {
        node = given;
      },
      refreshNode: async () => {
        if (settings.legacy || hints(node)) return;
        // Only the node counts here: a token in the answer is not looked at
        await lookup(this.#tools, String(node.uuid)).then(
          (content) => {
            node = content.node;
          },
          (error: Error) => {
            if (this.#clock.signal.aborted) throw error;
          },
        );
      },
      lockDown: () => setTimeout(() => this.#lockdown?.(), GRACE_MS),
    };
  }
}

/** So that the answer to the command still leaves the machine. */
const GRACE_MS = 50;
