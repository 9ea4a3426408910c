import { deriveToken, tokenHash } from '../../shared/agent/agent-token.ts';
import { heartbeat } from '../../shared/agent/heartbeat.ts';
import type { RedfishSite } from './redfish-site.ts';

const KEY = new Uint8Array(32).fill(3);

/** A machine whose firmware does what the BMC was told: the ramdisk boots from network or medium, once. */
export class NetworkMachine {
  readonly boots: string[] = [];
  readonly #site: RedfishSite;
  #was: 'On' | 'Off' = 'Off';
  /** Restarts that it has noticed. */
  #restarts = 0;

  constructor(site: RedfishSite) {
    this.#site = site;
  }

  /** Time passes: power has its effect, a running agent beats. */
  async live(): Promise<void> {
    const { bmc, agent } = this.#site;
    const { BootSourceOverrideTarget: device, BootSourceOverrideEnabled: enabled } = bmc.boot;
    const restarts = bmc.resets().filter((type) => type === 'ForceRestart').length;
    if (bmc.power === 'On' && (this.#was === 'Off' || restarts > this.#restarts)) {
      this.#restarts = restarts;
      agent.reachable = false;
      this.boots.push(device);
      if (enabled === 'Once') bmc.boot.BootSourceOverrideEnabled = 'Disabled';
      const fetched = device === 'UefiHttp' && bmc.boot.HttpBootUri;
      if (device === 'Pxe' || (device === 'Cd' && bmc.medium !== null) || fetched) await this.#lookUp();
    } else if (bmc.power === 'On' && agent.reachable) await this.#beat();
    if (bmc.power === 'Off') agent.reachable = false;
    this.#was = bmc.power;
  }

  goOff(): void {
    this.#site.bmc.power = 'Off';
    this.#site.agent.reachable = false;
    this.#was = 'Off';
  }

  async #lookUp(): Promise<void> {
    const { agent, services, time } = this.#site;
    agent.restart();
    agent.reachable = true;
    const { uuid } = await this.#site.node();
    const session = await services.sessions.get(uuid);
    const generation = session?.generation ?? 0;
    await services.sessions.issue(uuid, generation, {
      tokenHash: tokenHash(deriveToken(KEY, uuid, generation + 1)),
      intervalSeconds: 300,
      at: time,
    });
    await this.#beat();
  }

  async #beat(): Promise<void> {
    const { services } = this.#site;
    const { uuid } = await this.#site.node();
    const token = deriveToken(KEY, uuid, (await services.sessions.get(uuid))?.generation ?? 0);
    const beat = { node: uuid, callbackUrl: 'https://10.0.0.5:9999', token, certificate: 'PEM' };
    await heartbeat(beat, { ...services, agentNetworks: ['10.0.0.0/8'] });
  }
}
