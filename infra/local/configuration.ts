import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Configuration, completed, DEFAULTS, type GivenConfiguration } from '../../shared/configuration.ts';
import { policySchema } from '../../shared/enrollment/policy.ts';
import { InvalidInput } from '../../shared/errors.ts';
import { checkNames } from './configured-names.ts';
import { hooksSchema } from './hook-schema.ts';
import { matchingSchema } from './matching-schema.ts';

const seconds = (max: number) => z.int().min(1).max(max);
const oneLine = z
  .string()
  .max(2000)
  .regex(/^[\x20-\x7e]*$/, 'one line of ASCII');
const bootImage = z
  .string()
  .max(2000)
  .regex(/^[\x21-\x7e]+$/, 'a URL without spaces');
const networks = z.array(z.union([z.cidrv4(), z.cidrv6()]));
/** As long as Step Functions lets a task wait. */
const DEADLINE = 99_999_999;

/** NODELESS_CONFIG: what is left out keeps its default, what is not known is an error. */
export const configurationFile = z
  .strictObject({
    $schema: z.string(),
    deadlines: z
      .strictObject({
        deploy: seconds(DEADLINE),
        clean: seconds(DEADLINE),
        inspect: seconds(DEADLINE),
        rescue: seconds(DEADLINE),
        service: seconds(DEADLINE),
        step: seconds(DEADLINE),
        hold: seconds(DEADLINE),
      })
      .partial()
      .describe(
        'Seconds of silence after which a run of that flow fails; step: of work on one step; hold: of a hold. driver_info.nodeless_deadlines of a node overrides them',
      ),
    heartbeatIntervalSeconds: seconds(599).describe('Told to the agents, which repeat a lookup after 600 s'),
    runHeartbeatIntervalSeconds: seconds(599).describe('Told to an agent for which a run waits'),
    powerSyncSeconds: z
      .int()
      .min(0)
      .max(86_400)
      .describe("How often each BMC is asked for its machine's power state; 0 = never"),
    fastTrack: z.boolean().describe('Use a machine that is present without a reboot'),
    provideWhenPresent: z
      .boolean()
      .describe(
        'A machine that registers itself while its node is manageable is provided; driver_info.provide_when_present of a node overrides it',
      ),
    agentNetworks: networks.describe('Where a callback URL must lie'),
    legacyHeartbeat: z
      .strictObject({ networks })
      .partial()
      .describe(
        'Where agents of 2014, which have no token, may look up and heartbeat from; the node must say driver_info.legacy_heartbeat too',
      ),
    enrollment: z
      .strictObject({
        unknown: z.enum(['enroll', 'hold', 'deny']).describe('What happens to a machine that nobody knows'),
        driver: z.string().min(1),
        state: z.enum(['enroll', 'manageable', 'available']),
        resourceClass: z.string().min(1).nullable(),
        policies: z
          .array(policySchema)
          .max(100)
          .describe('Asked in this order, after the stored ones; `unknown` is the last one'),
      })
      .partial(),
    hooks: hooksSchema,
    boot: z
      .strictObject({
        kernel: bootImage.describe("URL of the ramdisk image's kernel, as iPXE fetches it"),
        ramdisk: bootImage.describe('URL of its initial ramdisk'),
        kernelParameters: oneLine
          .default('')
          .describe(
            'More kernel parameters. `ipa-inspection-collectors` is `default` unless they say otherwise; our URLs come after them',
          ),
      })
      .nullable()
      .describe('What GET /boot.ipxe boots machines with'),
    parametersIso: z
      .url({ protocol: /^https?$/ })
      .max(2000)
      .regex(
        /^[^{}]*$|^https?:\/\/[^/{}?#]+\/([^{}?#]*\/)?\{medium\}\.iso$/,
        'only /{medium}.iso, at its end, is a place',
      )
      .nullable()
      .describe(
        'URL of /parameters.iso of the agent API, or of a copy, as BMCs reach it: put beside the agent ISO. Of /parameters/{medium}.iso: with the token of each boot',
      ),
    matching: matchingSchema,
    inbox: z
      .strictObject({
        perMinute: z.int().min(0).describe('Machines that are new in the inbox, in a minute'),
        most: z.int().min(0).describe('Machines in the inbox'),
        keepDays: z.int().min(1).max(3650).describe('Since a machine was last seen'),
      })
      .partial()
      .describe('Bounds of what strangers may leave behind'),
    automatedClean: z.boolean(),
    allowMd5Checksum: z
      .boolean()
      .describe('Agents may check an image by MD5; else a deploy with such a checksum is refused'),
    agentLogs: z.enum(['always', 'on_failure', 'never']).describe('When the logs of a ramdisk are collected'),
    limits: z
      .strictObject({
        enrolmentsPerMinute: z.int().min(0),
        concurrentRuns: z.int().min(0).describe('Runs that change disks at once; 0 = no limit'),
        stopAll: z.boolean().describe('Starts no run that destroys data'),
      })
      .partial(),
  })
  .partial()
  .refine(({ provideWhenPresent, fastTrack }) => !provideWhenPresent || fastTrack !== false, {
    path: ['provideWhenPresent'],
    message: 'needs fastTrack: without it no machine registers while its node is manageable',
  })
  .superRefine(checkNames);

/** On one machine, strangers are our own: they are enrolled, and may call from loopback. */
const LOCAL: Configuration = {
  ...DEFAULTS,
  agentNetworks: [...DEFAULTS.agentNetworks, '127.0.0.0/8', '::1/128'],
  enrollment: { ...DEFAULTS.enrollment, unknown: 'enroll' },
};

export const localConfiguration = (given: GivenConfiguration = {}): Configuration => completed(given, LOCAL);

/** Reads JSON or YAML (of which JSON is a part). */
export function readConfigurationFile(path: string): GivenConfiguration {
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8')) ?? {};
  } catch (error) {
    throw new InvalidInput(`NODELESS_CONFIG: ${path}: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
  const checked = configurationFile.safeParse(content);
  if (checked.success) {
    const { $schema: _schema, ...given } = checked.data;
    return given as GivenConfiguration;
  }
  const problems = checked.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`);
  throw new InvalidInput(`NODELESS_CONFIG: ${path}: ${problems.join('; ')}`);
}
