import { Forbidden, InvalidInput, NotAcceptable } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { Node } from '../node/node.ts';
import { booleanOf, objectWith } from '../resource/checks.ts';
import type { RunArguments } from '../run/flows.ts';
import { configdriveOf } from './configdrive.ts';
import { cleanSteps, deploySteps } from './steps.ts';
import { findTransition } from './transition.ts';
import type { Transition } from './transitions.ts';
import { type Verb, verbOf } from './verbs.ts';

const KEYS = [
  'target',
  'configdrive',
  'clean_steps',
  'deploy_steps',
  'service_steps',
  'rescue_password',
  'disable_ramdisk',
  'runbook',
];
/** First microversion of a key. */
const SINCE: Record<string, number> = { deploy_steps: 69, disable_ramdisk: 70, runbook: 92 };

/** Ironic looks at the state first. */
const LATE = ['service', 'unhold', 'undeploy'];

export interface ProvisionRequest {
  verb: Verb;
  row: Transition;
  args: RunArguments;
}

/** `PUT …/states/provision`, checked against the node, in Ironic's order: the order decides the code (§4.4). */
export function provisionRequest(node: Node, body: unknown, minor: number): ProvisionRequest {
  const given = objectWith(body, KEYS, 'Provision');
  const verb = typeof given.target === 'string' ? verbOf(given.target) : undefined;
  if (verb === undefined) throw new InvalidInput(`The provision state ${given.target ?? ''} is not a valid target.`);
  if (!LATE.includes(verb.name)) refuseNewer(verb, minor);
  if (verb.maintenance === 'refused' && node.maintenance) {
    throw new InvalidInput(
      `The ${verb.name} operation can't be performed on node ${node.uuid} because it's in maintenance mode.`,
    );
  }
  const row = findTransition(node, verb.name, 'operator');
  refuseNewer(verb, minor);
  if (row.since !== undefined && minor < row.since) {
    throw new NotAcceptable(`${verb.name} from ${node.provision_state} needs API version 1.${row.since}`);
  }
  const args = argumentsOf(given, verb, minor);
  if (verb.refusedWhenProtected && node.protected) throw new Forbidden(`Node ${node.uuid} is protected.`);
  if (verb.name === 'provide' && node.retired) {
    throw new InvalidInput(`Node ${node.uuid} can not be provided while it is retired.`);
  }
  return { verb, row, args };
}

function refuseNewer({ name, since }: Verb, minor: number): void {
  if (minor >= since) return;
  throw new NotAcceptable(`The verb ${name} needs API version 1.${since}, the request has 1.${minor}`);
}

/** Null, empty strings and empty lists of steps say nothing; a password says something even so. */
function said([key, value]: [string, JsonValue]): boolean {
  if (value === null) return false;
  if (key.endsWith('_steps') && Array.isArray(value)) return value.length > 0;
  return key === 'rescue_password' || value !== '';
}

function argumentsOf({ target: _target, ...body }: JsonObject, verb: Verb, minor: number): RunArguments {
  const given = Object.fromEntries(Object.entries(body).filter(said));
  for (const key of Object.keys(given)) {
    if (!verb.keys.includes(key)) throw new InvalidInput(`${key} is not allowed with ${verb.name}`);
    const since = key === 'disable_ramdisk' && verb.name === 'service' ? 108 : (SINCE[key] ?? 1);
    if (minor < since) throw new NotAcceptable(`${key} needs API version 1.${since}`);
  }
  const args: RunArguments = {};
  const configdrive = configdriveOf(given.configdrive, verb.name, minor);
  if (configdrive !== undefined) args.configdrive = configdrive;
  if (given.disable_ramdisk !== undefined && booleanOf(given.disable_ramdisk) === undefined) {
    throw new InvalidInput('disable_ramdisk must be a boolean');
  }
  if (given.disable_ramdisk !== undefined) args.disableRamdisk = booleanOf(given.disable_ramdisk) === true;
  if (given.deploy_steps !== undefined) args.deploySteps = deploySteps(given.deploy_steps, 'deploy_steps');
  if (verb.name === 'clean') args.cleanSteps = cleanSteps(given.clean_steps, 'clean_steps');
  if (verb.name === 'service') args.serviceSteps = cleanSteps(given.service_steps, 'service_steps');
  if (verb.name === 'rescue') {
    const { rescue_password: password } = given;
    if (typeof password !== 'string' || password.trim() === '') throw new InvalidInput('A rescue_password is required');
    args.rescuePassword = password;
  }
  return args;
}
