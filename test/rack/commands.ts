import { gzipSync } from 'node:zlib';
import type { MachineBody } from './body.ts';
import { AgentError, invalidParams } from './faults.ts';
import { validateImageInfo } from './image-info.ts';
import type { Phase } from './step-lists.ts';
import { executeStep, listSteps, writeImage } from './steps.ts';
import type { Json } from './types.ts';

export interface Command {
  readonly mode: 'sync' | 'async';
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Takes any further argument. */
  readonly open?: boolean;
  readonly validate?: (params: Json) => void;
  readonly run: (body: MachineBody, params: Json) => unknown;
}

/** An empty tar archive is two blocks of zeros. */
const EMPTY_LOGS = gzipSync(Buffer.alloc(1024)).toString('base64');

const immediate = (run: Command['run'], optional: string[] = [], required: string[] = []): Command => ({
  mode: 'sync',
  required,
  optional,
  run,
});
const background = (run: Command['run'], optional: string[] = [], required: string[] = []): Command => ({
  ...immediate(run, optional, required),
  mode: 'async',
});

function stepCommands(phase: Phase): Record<string, Command> {
  return {
    [`get_${phase}_steps`]: immediate((body, params) => listSteps(phase, body, params), [], ['node', 'ports']),
    [`execute_${phase}_step`]: {
      ...background(
        (body, params) => executeStep(phase, body, params),
        [`${phase}_version`],
        ['step', 'node', 'ports'],
      ),
      open: true,
    },
  };
}

const standby: Record<string, Command> = {
  prepare_image: {
    ...background(
      (body, params) => writeImage(body, params.image_info, params.configdrive),
      ['image_info', 'configdrive'],
    ),
    validate: (params) => void validateImageInfo(params.image_info),
  },
  get_partition_uuids: immediate((body) => (body.diskId() === null ? {} : { 'root uuid': body.diskId() })),
  run_image: background((body) => {
    body.orderReboot();
    return body.forever();
  }),
  power_off: background((body) => {
    body.orderPowerOff();
    return body.forever();
  }),
  sync: immediate(() => null),
  execute_bootc_install: background(
    (body, params) =>
      `installed ${params.image_source}, ${body.writeDisk({ id: params.image_source }, params.configdrive)}`,
    ['instance_info', 'pull_secret', 'configdrive'],
    ['image_source'],
  ),
};

const BOOT_ARGS = ['efi_system_part_uuid', 'prep_boot_part_uuid', 'target_boot_mode', 'ignore_bootloader_failure'];
const image: Record<string, Command> = { install_bootloader: background(() => null, BOOT_ARGS, ['root_uuid']) };

/** Extension -> command -> what it does. */
export const CATALOGUE: Record<string, Record<string, Command>> = {
  deploy: stepCommands('deploy'),
  clean: stepCommands('clean'),
  service: stepCommands('service'),
  standby,
  image,
  log: { collect_system_logs: immediate(() => ({ system_logs: EMPTY_LOGS })) },
  rescue: {
    finalize_rescue: immediate(
      (body, params) => {
        const password = String(params.rescue_password ?? '');
        if (password === '') throw invalidParams('Missing rescue_password');
        body.rescue(password, params.hashed === true);
        return null;
      },
      ['rescue_password', 'hashed'],
    ),
  },
  poll: {
    get_hardware_info: immediate((body) => body.inventory()),
    set_node_info: immediate(() => {
      const why = 'Node lookup data can only be set when the Ironic Python Agent is running in standalone mode.';
      throw new AgentError('InvalidCommandError', 400, 'Invalid command', why);
    }, ['node_info']),
  },
  system: {
    lockdown: immediate((body) => {
      body.lockDown();
      return null;
    }),
  },
};

/** What agents of 2016 knew of it. */
export const LEGACY_CATALOGUE: Record<string, Record<string, Command>> = {
  clean: stepCommands('clean'),
  standby: { ...standby, cache_image: standby.prepare_image ?? immediate(() => null) },
  image,
};
