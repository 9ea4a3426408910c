import { isDeepStrictEqual } from 'node:util';
import type { MachineBody } from './body.ts';
import { AgentError, executionError, methodNotFound, PlainError } from './faults.ts';
import { validateConfigDrive, validateImageInfo } from './image-info.ts';
import { LEGACY_VERSIONS, VERSIONS } from './inventory.ts';
import { LEGACY_CLEAN_STEPS, MANAGER_CLASS, type Phase, STEPS } from './step-lists.ts';
import { isObject, type Json } from './types.ts';

type StepMethod = (body: MachineBody, args: Json, node: Json) => Promise<unknown>;

const erase: StepMethod = async (body) => {
  body.eraseDisk();
  return null;
};
const nothing: StepMethod = async () => null;

/** Writes the image: what `prepare_image` and `write_image` share. */
export async function writeImage(body: MachineBody, info: unknown, configDrive: unknown): Promise<string> {
  const image = validateImageInfo(info);
  await body.refreshNode();
  await body.sleep(body.writeSeconds);
  const drive = configDrive ?? image.configdrive;
  // In this order: a bad config drive leaves a written disk behind
  const id = body.writeDisk(image, drive ?? null);
  validateConfigDrive(drive, image);
  return `image (${image.id}) written to device /dev/sda root_uuid=${id}`;
}

const METHODS: Record<string, StepMethod> = {
  erase_devices: async (body) => {
    body.eraseDisk();
    return { '/dev/sda': null };
  },
  erase_devices_metadata: erase,
  erase_devices_express: erase,
  create_configuration: async (_body, _args, node) => node.target_raid_config ?? {},
  apply_configuration: async (_body, args) => args.raid_config,
  write_image: async (body, args) => {
    if (!('image_info' in args))
      throw new PlainError('TypeError', "write_image() missing 1 required positional argument: 'image_info'");
    return { result: `prepare_image: ${await writeImage(body, args.image_info, args.configdrive)}` };
  },
  execute_bootc_install: async (body, args) => {
    body.writeDisk({ id: args.image_source }, args.configdrive ?? null);
    return null;
  },
  lab_sleep: async (body, args) => {
    const seconds = args.seconds ?? 2;
    if (!Number.isFinite(Number(seconds)))
      throw new PlainError('ValueError', `could not convert string to float: '${seconds}'`);
    await body.sleep(Number(seconds));
    return { slept: seconds };
  },
  lab_fail: async (_body, args) => {
    const text = String(args.message ?? 'the lab was asked to fail');
    throw new AgentError('CleaningError', 500, 'Clean step failed', text);
  },
  ...Object.fromEntries(
    ['erase_pstore', 'clean_uefi_nvram', 'delete_configuration', 'inject_files', 'lab_reboot']
      .concat(['cpu', 'gpu', 'disk', 'memory', 'network'].map((kind) => `burnin_${kind}`))
      .map((name) => [name, nothing]),
  ),
};

const PHASE_ERRORS: Record<Phase, [string, string]> = {
  deploy: ['DeploymentError', 'Deploy step failed'],
  clean: ['CleaningError', 'Clean step failed'],
  service: ['ServicingError', 'Service step failed'],
};

const versionsOf = (body: MachineBody): Json => (body.legacy ? LEGACY_VERSIONS : VERSIONS);

/** `get_deploy_steps` and its two sisters. */
export function listSteps(phase: Phase, body: MachineBody, params: Json): Json {
  cacheNode(body, params.node);
  const steps = body.legacy ? LEGACY_CLEAN_STEPS : STEPS[phase];
  return { [`${phase}_steps`]: { [MANAGER_CLASS]: steps }, hardware_manager_version: versionsOf(body) };
}

/** `execute_deploy_step` and its two sisters. */
export async function executeStep(phase: Phase, body: MachineBody, params: Json): Promise<Json> {
  const { step, node, ports: _ports, [`${phase}_version`]: versions = null, ...extra } = params;
  if (!isObject(step) || !('step' in step))
    throw executionError(`Malformed ${phase}_step, no "step" key: ${JSON.stringify(step)}`);
  const cached = cacheNode(body, node);
  if (versions !== null && !isDeepStrictEqual(versions, versionsOf(body)))
    throw new AgentError(
      'VersionMismatch',
      409,
      'Hardware managers version mismatch, reload agent with correct version',
      `Current versions: ${JSON.stringify(versionsOf(body))}, versions used by ironic: ${JSON.stringify(versions)}`,
    );
  const name = String(step.step);
  const args = { ...extra, ...(isObject(step.args) ? step.args : {}) };
  const result = await dispatch(phase, name, body, args, cached);
  return { [`${phase}_result`]: result ?? null, [`${phase}_step`]: step };
}

async function dispatch(phase: Phase, name: string, body: MachineBody, args: Json, node: Json): Promise<unknown> {
  const [type, title] = PHASE_ERRORS[phase];
  const forced = body.defects.failingSteps?.[name];
  if (forced !== undefined) throw new AgentError(type, 500, title, forced);
  if (body.defects.endlessSteps?.includes(name)) await body.forever();
  const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (!method) throw methodNotFound(name);
  try {
    return await method(body, args, node);
  } catch (error) {
    if (!(error instanceof PlainError)) throw error;
    const text = `Unexpected exception performing ${phase} step ${name}. ${error.kind}: ${error.message}`;
    throw new AgentError(type, 500, title, text);
  }
}

function cacheNode(body: MachineBody, node: unknown): Json {
  if (!isObject(node) || !('uuid' in node)) throw new PlainError('KeyError', "'uuid'");
  body.cacheNode(node);
  return node;
}
