import { Allocations } from '../../shared/allocation/allocations.ts';
import { timestamp } from '../../shared/clock.ts';
import { validateInterfaces } from '../../shared/drivers/validate-interfaces.ts';
import { InvalidInput, Unavailable } from '../../shared/errors.ts';
import { type ProvisionRequest, provisionRequest } from '../../shared/lifecycle/provision-request.ts';
import { stateOf } from '../../shared/lifecycle/states.ts';
import { transition } from '../../shared/lifecycle/transition.ts';
import type { JsonObject, Node } from '../../shared/node/node.ts';
import { showNode } from '../../shared/node/node-document.ts';
import type { NewEvent } from '../../shared/node/node-store.ts';
import { switched } from '../../shared/node/power-request.ts';
import type { FlowName } from '../../shared/run/run.ts';
import { DESTRUCTIVE } from '../../shared/run/runs.ts';
import type { ApiRequest, ApiResponse } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { findNode } from './find-node.ts';
import { withRunbook, withTemplateSteps } from './provision-steps.ts';

type Needs = Pick<Services, 'nodes' | 'resources' | 'runs' | 'sessions' | 'clock' | 'configuration'>;

const SHOWN = [
  'console_enabled',
  'last_error',
  'power_state',
  'provision_state',
  'target_power_state',
  'target_provision_state',
  'provision_updated_at',
  'raid_config',
  'target_raid_config',
  'boot_mode',
  'secure_boot',
];

/** Interfaces that must be in order before a flow starts; what they lack is a 400, not a failed run. */
const VALIDATED: Partial<Record<FlowName, readonly string[]>> = {
  deploy: ['boot', 'deploy', 'power'],
  rebuild: ['boot', 'deploy', 'power'],
  inspect: ['power', 'inspect'],
  clean: ['power'],
  service: ['power'],
  rescue: ['power', 'rescue'],
};

export function stateHandlers(services: Needs): Record<string, Handler> {
  const { nodes } = services;
  return {
    '#show': async (request) => {
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      const { links: _links, ...states } = showNode(node, request.publicUrl, request.minor, SHOWN);
      return { status: 200, body: states };
    },

    '#provision': async (request) => {
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      const asked = provisionRequest(node, await withRunbook(services, node, request), request.minor);
      const { verb, row, args } = asked;
      const starts = stateOf(row.to).class === 'busy' && verb.flow !== null;
      if (starts && verb.flow !== null) refuseUnready(services, node, verb.flow, args.configdrive);
      const asOf = services.clock.now();
      const next = nextRow(node, asked, timestamp(asOf));
      const events = [told(request, node, asked)];
      if (starts && verb.flow !== null) {
        const complete = await withTemplateSteps(services, node, verb.flow, args);
        await services.runs.begin(next, verb.flow, complete, events);
      } else await nodes.replace(next, events);
      await disarm(services, node, next, starts, asOf);
      if (verb.flow === 'undeploy') await new Allocations(services).forget(node.allocation_uuid);
      return accepted(request);
    },

    '#power': async (request) => {
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      const after = switched(node, request.body, request.minor, timestamp(services.clock.now()));
      const event = `Power ${node.power_state ?? 'unknown'} → ${after.power_state}`;
      await nodes.replace(after, [{ event_type: 'power', event, severity: 'INFO', user: request.user, detail: {} }]);
      return accepted(request);
    },
  };
}

/** The row that must be readable before the 202 leaves (T1). */
function nextRow(node: Node, { verb, args }: ProvisionRequest, at: string): Node {
  const aborts = verb.name === 'abort';
  const error = `The operation in state ${node.provision_state} was aborted by an operator`;
  const next = transition(node, verb.name, { at, ...(aborts ? { error } : {}) });
  const ends = aborts && next.run !== null && next.run.ended === null;
  if (ends && next.run !== null) {
    next.run = { ...next.run, ended: { result: 'failed', reason: 'aborted by operator', at } };
  }
  // An instance that goes takes its allocation along.
  if (verb.flow === 'undeploy') next.allocation_uuid = null;
  if (args.configdrive !== undefined) next.instance_info = { ...next.instance_info, configdrive: args.configdrive };
  return { ...next, updated_at: at };
}

/** Kept in the node's row, which the store bounds; larger ones are for a web server. */
const LONGEST_CONFIG_DRIVE = 128 * 1024;

function refuseUnready({ configuration }: Needs, node: Node, flow: FlowName, configdrive: unknown): void {
  if (typeof configdrive === 'object' && node.interfaces.deploy_interface === 'direct') {
    throw new InvalidInput(
      'Config drives are not built from JSON yet: give base64 of a gzipped ISO 9660 image, or its URL',
    );
  }
  if (typeof configdrive === 'string' && configdrive.length > LONGEST_CONFIG_DRIVE) {
    throw new InvalidInput(`A config drive of more than ${LONGEST_CONFIG_DRIVE} characters must be given as a URL`);
  }
  if (configuration.limits.stopAll && DESTRUCTIVE.has(flow)) {
    throw new Unavailable('Destructive operations are stopped by configuration', 60);
  }
  const verdicts = validateInterfaces(node);
  for (const name of VALIDATED[flow] ?? []) {
    const verdict = verdicts[name];
    if (verdict?.result === false) {
      throw new InvalidInput(`Failed to validate ${name} interface for node ${node.uuid}: ${verdict.reason ?? ''}`);
    }
  }
}

/** An execution that waits for a run that is over must not be woken any more. */
async function disarm(
  { sessions }: Needs,
  before: Node,
  after: Node,
  superseded: boolean,
  asOf: number,
): Promise<void> {
  const { run } = before;
  const over = superseded || (after.run?.ended ?? null) !== null;
  if (run === null || run.ended !== null || !over) return;
  // The row says that it is over, so a lost disarm costs one wake-up for nothing, not a wrong step.
  await sessions.disarm(before.uuid, asOf).catch(() => undefined);
}

function told({ user }: ApiRequest, node: Node, { verb, row }: ProvisionRequest): NewEvent {
  const detail: JsonObject = { verb: verb.name, from: row.from, to: row.to };
  const event = `${user ?? 'An operator'} asked for ${verb.name}: ${node.provision_state} → ${row.to}`;
  return { event_type: 'transition', event, severity: 'INFO', user, detail };
}

function accepted({ publicUrl, params }: ApiRequest): ApiResponse {
  const ident = encodeURIComponent(params.node ?? '');
  return { status: 202, headers: { Location: `${publicUrl}/v1/nodes/${ident}/states` } };
}
