import assert from 'node:assert/strict';
import { BMC_PASSWORD } from '../fakes/redfish-bmc.ts';
import { eventually, type NodeDocument, Operator } from '../stock-agent/operator.ts';
import type { Doing, RackMachine } from './rack-machine.ts';

/** Eight agents share few processors: a stage that takes longer than this does not move any more. */
const PATIENCE_SECONDS = 600;

export interface Image {
  image: Buffer;
  instanceInfo: object;
}

/** What an operator does with one machine, and sees of it. */
export class Tenant {
  readonly machine: RackMachine;
  readonly operator: Operator;
  readonly image: Image;
  uuid = '';

  constructor(given: { machine: RackMachine; operatorUrl: string; image: Image }) {
    this.machine = given.machine;
    this.operator = new Operator(given.operatorUrl);
    this.image = given.image;
  }

  /** A stranger is switched on, shows what it is, and becomes a node; then an operator says where its BMC is. */
  async enrol(): Promise<void> {
    this.machine.reset('On');
    const find = async () =>
      (await this.operator.nodes()).find((node) => node.properties['serial_number'] === this.machine.serial);
    await eventually('the stranger is enrolled', async () => (await find()) !== undefined, PATIENCE_SECONDS);
    this.uuid = (await find())?.uuid ?? '';
    await this.patch({
      '/driver_info': {
        redfish_address: this.machine.bmc.url,
        redfish_username: 'admin',
        redfish_password: BMC_PASSWORD,
        redfish_verify_ca: this.machine.ca,
      },
      '/inspect_interface': 'agent',
      '/rescue_interface': 'agent',
    });
  }

  async patch(values: Record<string, unknown>): Promise<void> {
    const operations = Object.entries(values).map(([path, value]) => ({ op: 'add', path, value }));
    await this.operator.call('PATCH', `/v1/nodes/${this.uuid}`, operations);
  }

  node(): Promise<NodeDocument> {
    return this.operator.node(this.uuid);
  }

  row(): Promise<Record<string, unknown>> {
    return this.operator.call('GET', `/v1/nodes/${this.uuid}`);
  }

  /** Asks for it and sees it done. */
  async provision(target: string, ends: string, more: object = {}): Promise<NodeDocument> {
    await this.ask(target, more);
    return this.operator.until(this.uuid, ends, PATIENCE_SECONDS);
  }

  ask(target: string, more: object = {}): Promise<void> {
    return this.operator.call('PUT', `/v1/nodes/${this.uuid}/states/provision`, { target, ...more });
  }

  async deploy(): Promise<void> {
    await this.patch({ '/instance_info': this.image.instanceInfo });
    await this.provision('active', 'active');
    await this.runsInstance();
  }

  async runsInstance(): Promise<void> {
    await this.does('instance');
    const { image } = this.image;
    assert.ok(this.machine.disk.subarray(0, image.length).equals(image), 'the disk is not the image');
  }

  does(doing: Doing): Promise<void> {
    return eventually(`the machine is in: ${doing}`, () => this.machine.doing === doing, PATIENCE_SECONDS);
  }

  /** Nobody is in the ramdisk any more: the next run has to boot it. */
  async absent(): Promise<void> {
    await this.operator.call('PUT', `/v1/nodes/${this.uuid}/states/power`, { target: 'power off' });
    await this.does('off');
    await eventually(
      'the power run is over',
      async () => (await this.row())['target_power_state'] === null,
      PATIENCE_SECONDS,
    );
  }

  async endMaintenance(fault: string): Promise<void> {
    const node = await this.row();
    assert.deepEqual([node['maintenance'], node['fault']], [true, fault]);
    await this.operator.call('DELETE', `/v1/nodes/${this.uuid}/maintenance`);
  }

  /** The agent is in the middle of the step that takes ten minutes, and the node says so. */
  async dawdles(): Promise<void> {
    const at = this.machine.agentLog.length;
    const busy = async () => {
      const { deploy_step, clean_step } = await this.row();
      if (!/dawdle/.test(JSON.stringify([deploy_step, clean_step]))) return false;
      return /execut\w+ .*dawdle|dawdle.*execut/i.test(this.machine.agentLog.slice(at));
    };
    await eventually('the agent works on the step', busy, PATIENCE_SECONDS);
  }

  /** It fails, and says in which step, why, and what to do next. */
  async failsWith(state: string, words: readonly RegExp[]): Promise<string> {
    const { last_error: error } = await this.operator.until(this.uuid, state, PATIENCE_SECONDS);
    for (const word of words) assert.match(error ?? '', word);
    return error ?? '';
  }

  /** At rest: nothing is reserved, BMC and node agree, and the agent did nothing to the host. */
  async isAtRest(state: string): Promise<void> {
    const node = await this.row();
    assert.equal(node['provision_state'], state);
    assert.equal(node['reservation'], null);
    assert.equal(node['target_provision_state'], null);
    assert.equal(node['last_error'], null);
    assert.equal(node['maintenance'], false);
    assert.equal(node['power_state'], `power ${this.machine.bmc.power.toLowerCase()}`);
    assert.equal(this.machine.refused, undefined);
  }

  async history(): Promise<string[]> {
    const { history } = await this.operator.call<{ history: { uuid: string; created_at: string; event: string }[] }>(
      'GET',
      `/v1/nodes/${this.uuid}/history?detail=true`,
    );
    return history.map(({ created_at, event }) => `${created_at.slice(11, 23)} ${event}`);
  }
}
