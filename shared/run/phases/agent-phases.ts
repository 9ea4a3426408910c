import type { JsonObject, JsonValue, Node, Port } from '../../node/node.ts';
import { imageInfo } from '../image-info.ts';
import type { Outcome, PhaseContext } from '../outcome.ts';
import { phaseName } from '../outcome.ts';
import { offeredSteps, planSteps } from '../plan.ts';
import type { AgentCommand, Phase } from '../run.ts';
import { commandError, driveCommand } from './agent-command.ts';

type Of<K extends Phase['kind']> = PhaseContext<Extract<Phase, { kind: K }>>;

/** The node as agents want it (contract §3.7): objects never null, secrets masked in the row already. */
export function nodeForAgent(node: Node): JsonObject {
  const { configdrive: _, ...instanceInfo } = node.instance_info;
  return {
    uuid: node.uuid,
    properties: node.properties,
    instance_info: instanceInfo,
    driver_internal_info: node.driver_internal_info,
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
      const planned = planSteps(node, phase.of, phase.requested, offeredSteps(phase.of, command));
      if ('refused' in planned) return { go: 'fail', reason: planned.refused };
      const versions = command.command_result?.['hardware_manager_version'] ?? null;
      return { go: 'next', insert: planned.phases, run: { memory: { ...context.run.memory, versions } } };
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
    succeeded: () =>
      phase.step['reboot_requested'] === true
        ? {
            go: 'next',
            insert: [{ kind: 'power', target: 'rebooting', why: `${name} asked for it` }, { kind: 'await-agent' }],
          }
        : { go: 'next' },
    failed: (command) => ({ go: 'fail', reason: `step ${name} failed: ${stepError(command)}` }),
  });
}

function stepError(command: AgentCommand): string {
  return command.command_status.endsWith('VERSION_MISMATCH')
    ? 'the hardware managers of the ramdisk changed while the run went on; start it again'
    : commandError(command);
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
  return driveCommand(context, {
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

const MAY_HAVE_ARRIVED = /no answer in time|ECONNRESET|EPIPE|hang up/;

/** The agent's last command. A machine that is off or rebooting may not answer any more: that counts as gone. */
export function leave(context: Of<'leave'>): Outcome {
  const { event } = context;
  const outlasted = context.run.waiting !== null && context.facts.now >= context.run.waiting.until;
  const gone: Outcome = { go: 'next', run: { present: false, generation: null }, revoke: true };
  if (event.kind === 'reply' && event.reply.kind === 'unreachable' && context.run.stage === 'sending') {
    // It may have arrived, or nobody has been there for the whole deadline. A refused connection alone proves nothing.
    if (MAY_HAVE_ARRIVED.test(event.reply.message) || outlasted) return gone;
  }
  const outcome = driveCommand(context, {
    name: context.phase.command,
    params: {},
    async: true,
    succeeded: () => gone,
    failed: (ended) => ({ go: 'fail', reason: `${context.phase.command} failed: ${commandError(ended)}` }),
  });
  // RUNNING is all that one ever sees of it.
  return outcome.go === 'wait' && outcome.run?.stage === 'waiting' ? gone : outcome;
}
