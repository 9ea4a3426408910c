import type { JsonObject, JsonValue } from '../../json.ts';
import type { Node, Port } from '../../node/node.ts';
import { masked } from '../../resource/view.ts';
import { imageInfo } from '../image-info.ts';
import { faultOf, nextAction } from '../next-action.ts';
import type { Outcome, PhaseContext } from '../outcome.ts';
import { phaseName } from '../outcome.ts';
import { offeredSteps, planSteps } from '../plan.ts';
import { rebootIntoRamdisk } from '../power-ways.ts';
import type { AgentCommand, Phase, StepKind } from '../run.ts';
import { commandError, driveCommand } from './agent-command.ts';
import { orClosed } from './last-command.ts';

type Of<K extends Phase['kind']> = PhaseContext<Extract<Phase, { kind: K }>>;

/**
 * The node as agents want it (contract §3.7): objects never null, nothing of `driver_info`, no config drive, and whatever is
 * named like a password masked. What a step needs of it comes in the step's arguments.
 */
export function nodeForAgent(node: Node): JsonObject {
  const { configdrive: _, ...instanceInfo } = node.instance_info;
  return {
    uuid: node.uuid,
    properties: masked(node.properties),
    instance_info: masked(instanceInfo),
    driver_internal_info: masked(node.driver_internal_info),
    driver_info: {},
    target_raid_config: node.target_raid_config,
  };
}

const PORTS: Port[] = [];
const nodeAndPorts = (node: Node): JsonObject => ({ node: nodeForAgent(node), ports: PORTS as unknown as JsonValue[] });

export function plan(context: Of<'plan'>): Outcome {
  const { phase, node } = context;
  return driveCommand(context, {
    name: `${phase.of}.get_${phase.of}_steps`,
    params: nodeAndPorts(node),
    async: false,
    succeeded(command) {
      const versions = command.command_result?.['hardware_manager_version'] ?? null;
      // How much comes after the steps: known only now, and wanted when they are planned again.
      const memory = { ...context.run.memory, versions };
      if (phase.versionsOnly) return { go: 'next', run: { memory } };
      const planned = planSteps(node, phase.of, phase.requested, offeredSteps(phase.of, command));
      if ('refused' in planned) return { go: 'fail', reason: planned.refused };
      const tail = context.run.phases.length - context.run.cursor - 1;
      return { go: 'next', insert: planned.phases, run: { memory: { ...memory, tail } } };
    },
    failed: (command) => ({ go: 'fail', reason: `the agent could not list its steps: ${commandError(command)}` }),
  });
}

export function step(context: Of<'step'>): Outcome {
  const { phase, node, run } = context;
  const name = phaseName(phase);
  const asked = withImage(phase.step, node);
  if ('missing' in asked) return { go: 'fail', reason: `${name} needs ${asked.missing}` };
  const resultKey = `${phase.of}_step`;
  return driveCommand(context, {
    name: `${phase.of}.execute_${phase.of}_step`,
    params: { step: asked.step, ...nodeAndPorts(node), [`${phase.of}_version`]: run.memory['versions'] ?? null },
    async: true,
    // An old success must not be taken for this step: compare what the agent echoes (trap 27).
    isOurs: (command) => command.command_status === 'RUNNING' || echoes(command, resultKey, phase.step),
    succeeded: (command) => ({
      go: 'next',
      node: raidConfig(phase, command, context.facts.now),
      ...(phase.step['reboot_requested'] === true
        ? { said: 'is done and asks for a reboot', insert: rebootIntoRamdisk(node, `${name} asked for it`) }
        : {}),
    }),
    failed: (command) =>
      command.command_status.endsWith('VERSION_MISMATCH')
        ? planAgain(context)
        : { go: 'fail', reason: `step ${name} failed: ${commandError(command)}`, next: LOOK + after(context) },
  });
}

const LOOK = 'look at the logs of the ramdisk and the history of the node, then ';

function after({ phase, run, node }: Of<'step'>): string {
  return nextAction(run.flow, node, faultOf(phase));
}

/** Plans that may be overtaken by new hardware managers before somebody must look. */
const MOST_PLANS = 3;

/**
 * The hardware managers are others than those that gave the steps. Steps that somebody asked for stand, and the current
 * one is sent again with the new versions; an automatic list is made again and starts from its beginning (contract §3.9).
 */
function planAgain(context: Of<'step'>): Outcome {
  const { phase, run } = context;
  const plans = Number(run.memory['plans'] ?? 1) + 1;
  const plan = run.phases.slice(0, run.cursor).findLast((one) => one.kind === 'plan' && one.of === phase.of);
  if (plan?.kind !== 'plan' || plans > MOST_PLANS) {
    const cause = `the hardware managers of the ramdisk changed ${plans - 1} times while the run went on`;
    const reason = `step ${phaseName(phase)} failed: ${cause}`;
    return { go: 'fail', reason, next: `make sure that all machines boot one ramdisk image, then ${after(context)}` };
  }
  const memory = { ...run.memory, plans };
  const said = 'was refused: the hardware managers of the ramdisk changed';
  if (phase.of !== 'deploy' && plan.requested.length > 0) {
    const again: Phase[] = [{ ...plan, versionsOnly: true }, phase];
    return { go: 'next', said: `${said}, it is sent again with the new versions`, insert: again, run: { memory } };
  }
  const tail = Number(run.memory['tail'] ?? 0);
  const rest = tail > 0 ? run.phases.slice(-tail) : [];
  return { go: 'next', said: `${said}, the steps start anew`, instead: true, insert: [plan, ...rest], run: { memory } };
}

/** What a RAID step made is the node's RAID configuration (contract §3.6). */
function raidConfig(
  { of, step }: { of: StepKind; step: JsonObject },
  command: AgentCommand,
  now: number,
): Partial<Node> {
  if (step['interface'] !== 'raid') return {};
  if (step['step'] === 'delete_configuration') return { raid_config: {} };
  const made = command.command_result?.[`${of}_result`];
  if (made === null || typeof made !== 'object' || Array.isArray(made)) return {};
  return { raid_config: { ...made, last_updated: new Date(now).toISOString() } };
}

function echoes(command: AgentCommand, key: string, step: JsonObject): boolean {
  const echo = command.command_result?.[key];
  if (echo === null || typeof echo !== 'object' || Array.isArray(echo)) return command.command_status !== 'SUCCEEDED';
  return echo['interface'] === step['interface'] && echo['step'] === step['step'];
}

/** `write_image` gets its arguments when it is sent, so that a row never holds them. */
function withImage(step: JsonObject, node: Node): { step: JsonObject } | { missing: string } {
  const given = (step['args'] ?? {}) as JsonObject;
  if (step['step'] !== 'write_image' || given['image_info']) return { step };
  const info = imageInfo(node);
  if (typeof info['missing'] === 'string') return { missing: info['missing'] };
  const configdrive = node.instance_info['configdrive'] ?? null;
  return { step: { ...step, args: { ...given, image_info: info as JsonObject, configdrive } } };
}

export function command(context: Of<'command'>): Outcome {
  const { phase, run } = context;
  if (phase.optional && !run.present && run.stage === 'start') return { go: 'next', quiet: true };
  const outcome = driveCommand(context, {
    name: phase.name,
    params: phase.params,
    async: phase.async,
    succeeded: (ended) => ({
      go: 'next',
      ...(phase.saveAs ? { run: { memory: { ...run.memory, [phase.saveAs]: ended.command_result ?? {} } } } : {}),
    }),
    failed: (ended) =>
      phase.optional ? { go: 'next' } : { go: 'fail', reason: `${phase.name} failed: ${commandError(ended)}` },
  });
  return phase.last ? orClosed(context, outcome) : outcome;
}

/** UEFI machines get their boot entries; a BIOS whole-disk image brings its own loader (contract §3.5, §3.10). */
export function installBootloader(context: Of<'install-bootloader'>): Outcome {
  const { node, run } = context;
  const uuids = (run.memory['partition_uuids'] ?? {}) as JsonObject;
  if (bootModeOf(node) !== 'uefi') return { go: 'next' };
  return driveCommand(context, {
    name: 'image.install_bootloader',
    params: {
      root_uuid: uuids['root uuid'] ?? null,
      efi_system_part_uuid: null,
      prep_boot_part_uuid: null,
      target_boot_mode: 'uefi',
    },
    async: true,
    succeeded: () => ({ go: 'next' }),
    failed: (ended) => ({ go: 'fail', reason: `image.install_bootloader failed: ${commandError(ended)}` }),
  });
}

function bootModeOf(node: Node): string {
  const capabilities = node.properties['capabilities'];
  const told =
    typeof capabilities === 'string'
      ? /(?:^|,)\s*boot_mode:(\w+)/.exec(capabilities)?.[1]
      : capabilities !== null && typeof capabilities === 'object' && !Array.isArray(capabilities)
        ? capabilities['boot_mode']
        : undefined;
  return String(node.instance_info['deploy_boot_mode'] ?? told ?? 'uefi');
}
