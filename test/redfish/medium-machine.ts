import assert from 'node:assert/strict';
import { agentHandlers } from '../../functions/agent/handlers.ts';
import { serve } from '../../functions/api.ts';
import { ROUTES } from '../../functions/routes.ts';
import { MASK } from '../../shared/node/node.ts';
import { readIso } from '../fakes/read-iso.ts';
import type { RedfishSite } from './redfish-site.ts';

export const MAC = '52:54:00:aa:00:01';
export const MEDIA = 'http://agents.example.org/parameters/{medium}.iso';
const CALLBACK = 'https://10.0.0.5:9999';

/** The agent API of a site, called as over HTTP. */
export function agentApi({ services }: RedfishSite) {
  const answers = serve(
    ROUTES.filter(({ api }) => api === 'agent'),
    agentHandlers(services),
    { log: services.log },
  );
  return async (method: string, target: string, body?: unknown, minor = 68) => {
    const { pathname, search } = new URL(target, 'http://agents.example.org');
    const answer = await answers({
      method,
      path: pathname,
      rawQuery: search.slice(1),
      headers: { 'X-OpenStack-Ironic-API-Version': `1.${minor}` },
      body: body === undefined ? undefined : JSON.stringify(body),
      publicUrl: 'http://agents.example.org',
      sourceIp: '10.0.0.5',
    });
    const json = answer.body.startsWith('{') ? JSON.parse(answer.body) : undefined;
    return { status: answer.status, headers: answer.headers, json, bytes: answer.bytes };
  };
}

/** What a ramdisk finds on a medium: `ipa-…` → value. */
export function parametersOn(bytes: Uint8Array | undefined): Record<string, string> {
  if (bytes === undefined) return {};
  const text = readIso(Buffer.from(bytes)).rockRidge.get('parameters.txt') ?? '';
  return Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/s).slice(0, 2)),
  );
}

/** A machine that boots from what its BMC was told, and whose agent behaves as ironic-python-agent does (contract §1.8.1). */
export class MediumMachine {
  readonly boots: string[] = [];
  /** What each boot's lookup answered as token. */
  readonly lookups: string[] = [];
  /** Tokens with which it beats. */
  readonly tokens: string[] = [];
  /** Its ISO has `boot_method=vmedia`. */
  readsMedia = true;
  /** Addresses in the slot beside the ISO, as each boot found them. */
  readonly media: (string | null | undefined)[] = [];
  readonly call: ReturnType<typeof agentApi>;
  readonly #site: RedfishSite;
  #booting = false;
  #token: string | undefined;

  constructor(site: RedfishSite) {
    this.#site = site;
    this.call = agentApi(site);
    site.bmc.onReset = (type) => {
      this.goOff();
      if (type !== 'On') return;
      site.bmc.power = 'On';
      this.#booting = true;
    };
  }

  /** Time passes: power has its effect, a running agent beats. */
  async live(): Promise<void> {
    const { bmc, agent } = this.#site;
    const { BootSourceOverrideTarget: device, BootSourceOverrideEnabled: enabled } = bmc.boot;
    if (this.#booting) {
      this.#booting = false;
      this.boots.push(device);
      if (enabled === 'Once') bmc.boot.BootSourceOverrideEnabled = 'Disabled';
      if (device === 'Cd' && bmc.medium !== null) await this.#boot();
    } else if (agent.reachable) await this.beat();
  }

  goOff(): void {
    this.#site.bmc.power = 'Off';
    this.#site.agent.reachable = false;
    this.#booting = false;
  }

  /** Whether its beat was taken. */
  async beat(token = this.#token, callback_url = CALLBACK): Promise<boolean> {
    const { uuid } = await this.#site.node();
    const body = { callback_url, agent_version: '13.0.0', agent_token: token ?? null, agent_verify_ca: 'PEM' };
    return (await this.call('POST', `/v1/heartbeat/${uuid}`, body)).status === 202;
  }

  lookUp = async (): Promise<string | null> => {
    const { status, json } = await this.call('GET', `/v1/lookup?addresses=${MAC}`);
    assert.equal(status, 200);
    return json.config.agent_token;
  };

  async #boot(): Promise<void> {
    const { agent, bmc } = this.#site;
    agent.restart();
    this.media.push(bmc.stick);
    const medium = this.readsMedia && bmc.stick ? parametersOn((await this.call('GET', bmc.stick)).bytes) : {};
    this.#token = medium['ipa-agent-token'];
    const told = (await this.lookUp()) ?? '';
    this.lookups.push(told);
    if (told !== MASK) this.#token = told;
    // A masked answer and no token of its own: it sleeps until somebody restarts the machine.
    if (this.#token === undefined) return;
    this.tokens.push(this.#token);
    agent.reachable = true;
    if (!(await this.beat())) agent.reachable = false;
  }
}
