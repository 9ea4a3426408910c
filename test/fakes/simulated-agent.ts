import type { JsonObject } from '../../shared/node/node.ts';
import type { AgentExchange, Reach } from '../../shared/run/exchange-port.ts';
import type { AgentCommand, ExchangeReply } from '../../shared/run/run.ts';

const STEPS: JsonObject = {
  deploy_steps: {
    GenericHardwareManager: [
      { interface: 'deploy', step: 'erase_devices_metadata', priority: 0, reboot_requested: false },
      { interface: 'deploy', step: 'write_image', priority: 0, reboot_requested: false },
      { interface: 'raid', step: 'apply_configuration', priority: 0, reboot_requested: false },
    ],
    RackManager: [{ interface: 'deploy', step: 'tune_firmware', priority: 90, reboot_requested: false }],
  },
  clean_steps: {
    GenericHardwareManager: [
      { interface: 'deploy', step: 'erase_devices', priority: 10, reboot_requested: false },
      { interface: 'deploy', step: 'erase_devices_metadata', priority: 99, reboot_requested: false },
    ],
  },
  hardware_manager_version: { generic_hardware_manager: '1.2', rack_manager: '1' },
};

/** An agent without a network: its command list as a stock one keeps it (contract §3), and everything it was asked. */
export class SimulatedAgent implements Reach {
  /** Names in the order in which the agent began them: `execute_deploy_step write_image`. */
  readonly began: string[] = [];
  readonly tokens = new Set<string | undefined>();
  reachable = true;
  /** Ends every async step of that name with this text. */
  failing: Record<string, string> = {};
  #commands: AgentCommand[] = [];
  #steps = new Map<string, JsonObject>();
  #ids = 0;

  async agent(exchange: AgentExchange): Promise<ExchangeReply> {
    this.tokens.add(exchange.token);
    if (!this.reachable) return { kind: 'unreachable', message: 'ECONNREFUSED' };
    const { request } = exchange;
    if (request.command === 'list') return { kind: 'commands', commands: structuredClone(this.#commands) };
    const last = this.#commands.at(-1);
    if (last?.command_status === 'RUNNING') return { kind: 'busy', with: last.command_name };
    return { kind: 'command', command: structuredClone(this.#begin(request.name, request.params, request.wait)) };
  }

  get busy(): boolean {
    return this.#commands.at(-1)?.command_status === 'RUNNING';
  }

  /** The running command ends. */
  finish(): void {
    const last = this.#commands.at(-1);
    if (last?.command_status !== 'RUNNING') return;
    const step = this.#steps.get(last.id);
    const failure = step && this.failing[String(step['step'])];
    last.command_status = failure ? 'FAILED' : 'SUCCEEDED';
    if (failure) last.command_error = { type: 'DeploymentError', code: 500, message: 'step failed', details: failure };
    else last.command_result = step ? { [`${last.command_name.split('_')[1]}_step`]: step } : null;
  }

  /** The agent process starts again: its list is empty. */
  restart(): void {
    this.#commands = [];
  }

  #begin(name: string, params: JsonObject, sync: boolean): AgentCommand {
    const short = name.slice(name.indexOf('.') + 1);
    const step = params['step'] as JsonObject | undefined;
    this.began.push(step ? `${short} ${step['step']}` : short);
    this.#ids += 1;
    const command: AgentCommand = {
      id: `command-${this.#ids}`,
      command_name: short,
      command_status: sync ? 'SUCCEEDED' : 'RUNNING',
      command_error: null,
      command_result: sync ? (/^get_.*_steps$/.test(short) ? STEPS : { 'root uuid': '0x00000000' }) : null,
    };
    if (step) this.#steps.set(command.id, step);
    this.#commands.push(command);
    return command;
  }
}
