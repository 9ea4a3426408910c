import type { JsonObject } from '../../shared/json.ts';
import type { AgentExchange, BmcReply, Reach } from '../../shared/run/exchange-port.ts';
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
      { interface: 'deploy', step: 'erase_devices', priority: 10, reboot_requested: false, abortable: true },
      { interface: 'deploy', step: 'erase_devices_metadata', priority: 99, reboot_requested: false, abortable: true },
      { interface: 'raid', step: 'create_configuration', priority: 0, reboot_requested: false, abortable: false },
      { interface: 'raid', step: 'delete_configuration', priority: 0, reboot_requested: false, abortable: false },
      { interface: 'firmware', step: 'update', priority: 0, reboot_requested: true, abortable: false },
    ],
  },
  service_steps: {
    GenericHardwareManager: [
      { interface: 'deploy', step: 'burnin_cpu', priority: 0, reboot_requested: false, abortable: true },
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
  /** Steps of that name end in a version mismatch so many times. */
  mismatching: Record<string, number> = {};
  /** Answers 409 to so many commands. */
  busyFor = 0;
  /** What a step of that name ends with, beside its echo. */
  results: Record<string, JsonObject> = {};
  /** Every command that it was given, with its arguments. */
  readonly given: { name: string; params: JsonObject }[] = [];
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
    if (this.busyFor > 0) {
      this.busyFor -= 1;
      return { kind: 'busy', with: 'get_hardware_info' };
    }
    return { kind: 'command', command: structuredClone(this.#begin(request.name, request.params, request.wait)) };
  }

  async bmc(): Promise<BmcReply> {
    return { kind: 'failed', because: 'unreachable', message: 'there is no BMC here' };
  }

  get busy(): boolean {
    return this.#commands.at(-1)?.command_status === 'RUNNING';
  }

  /** The running command ends. */
  finish(): void {
    const last = this.#commands.at(-1);
    if (last?.command_status !== 'RUNNING') return;
    const step = this.#steps.get(last.id);
    const name = String(step?.['step']);
    const mismatches = this.mismatching[name] ?? 0;
    if (step && mismatches > 0) {
      this.mismatching[name] = mismatches - 1;
      last.command_status = 'CLEAN_VERSION_MISMATCH';
      last.command_error = { type: 'VersionMismatch', code: 409, message: 'hardware managers changed' };
      return;
    }
    const failure = step && this.failing[name];
    last.command_status = failure ? 'FAILED' : 'SUCCEEDED';
    if (failure) last.command_error = { type: 'DeploymentError', code: 500, message: 'step failed', details: failure };
    else if (step) {
      const of = last.command_name.split('_')[1];
      last.command_result = { [`${of}_step`]: step, [`${of}_result`]: this.results[name] ?? null };
    } else last.command_result = null;
  }

  /** The agent process starts again: its list is empty. */
  restart(): void {
    this.#commands = [];
  }

  #begin(name: string, params: JsonObject, sync: boolean): AgentCommand {
    const short = name.slice(name.indexOf('.') + 1);
    const step = params['step'] as JsonObject | undefined;
    this.began.push(step ? `${short} ${step['step']}` : short);
    this.given.push({ name, params: structuredClone(params) });
    this.#ids += 1;
    const command: AgentCommand = {
      id: `command-${this.#ids}`,
      command_name: short,
      command_status: sync ? 'SUCCEEDED' : 'RUNNING',
      command_error: null,
      command_result: sync ? answerTo(short) : null,
    };
    if (step) this.#steps.set(command.id, step);
    this.#commands.push(command);
    return command;
  }
}

/** `logs` in base64: bytes of a tar.gz as far as anybody here looks. */
export const LOGS = Buffer.from('logs of the ramdisk').toString('base64');

function answerTo(command: string): JsonObject {
  if (/^get_.*_steps$/.test(command)) return STEPS;
  if (command === 'collect_system_logs') return { system_logs: LOGS };
  return { 'root uuid': '0x00000000' };
}
