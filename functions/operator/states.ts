import { Allocations } from '../../shared/allocation/allocations.ts';
import { withdraw } from '../../shared/boot/hand-over.ts';
import { timestamp } from '../../shared/clock.ts';
import { forgetConfigDrive, keepConfigDrive } from '../../shared/configdrive/keep-config-drive.ts';
import { validateInterfaces } from '../../shared/drivers/validate-interfaces.ts';
import { InvalidInput } from '../../shared/errors.ts';
import type { JsonObject } from '../../shared/json.ts';
import { type ProvisionRequest, provisionRequest } from '../../shared/lifecycle/provision-request.ts';
import { stateOf } from '../../shared/lifecycle/states.ts';
import { transition } from '../../shared/lifecycle/transition.ts';
import type { NewEvent, Node } from '../../shared/node/node.ts';
import { showNode } from '../../shared/node/node-document.ts';
import { refuseLocked } from '../../shared/node/node-guards.ts';
import { powerRequest, switched, switchedByRun } from '../../shared/node/power-request.ts';
import { aborted, noted, stepToEndFirst } from '../../shared/run/abort.ts';
import { asksPerson } from '../../shared/run/report.ts';
import { forgetRescuePassword, keepRescuePassword } from '../../shared/run/rescue-password.ts';
import type { FlowName, Run } from '../../shared/run/run.ts';
import { freePlace } from '../../shared/run/run-places.ts';
import { wake } from '../../shared/run/wake.ts';
import type { ApiRequest, ApiResponse } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { findNode } from './find-node.ts';
import { withRunbook, withTemplateSteps } from './provision-steps.ts';

type Needs = Pick<
  Services,
  | 'nodes'
  | 'resources'
  | 'runs'
  | 'sessions'
  | 'workflow'
  | 'counters'
  | 'secrets'
  | 'documents'
  | 'clock'
  | 'configuration'
>;

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
      refuseLocked(node);
      const asked = provisionRequest(node, await withRunbook(services, node, request), request.minor);
      const { verb, row, args } = asked;
      const starts = stateOf(row.to).class === 'busy' && verb.flow !== null;
      if (starts && verb.flow !== null) await refuseUnready(services, node, verb.flow);
      const asOf = services.clock.now();
      const by = request.user ?? 'an operator';
      const first = verb.name === 'abort' ? stepToEndFirst(node.run) : undefined;
      if (first !== undefined) {
        await nodes.replace(noted(node, by), [abortLater(request, first)]);
        return accepted(request);
      }
      const going = node.run !== null && node.run.ended === null ? node.run : null;
      const next = nextRow(node, asked, by, timestamp(asOf));
      const events = [told(request, node, asked, next)];
      if (args.configdrive !== undefined) {
        const configdrive = await keepConfigDrive(args.configdrive, node, { ...services, madeAt: new Date(asOf) });
        next.instance_info = { ...next.instance_info, configdrive };
      }
      if (args.rescuePassword !== undefined) await keepRescuePassword(node.uuid, args.rescuePassword, services);
      if (starts && verb.flow !== null) {
        const complete = await withTemplateSteps(services, node, verb.flow, args);
        await services.runs.begin(next, verb.flow, complete, events);
      } else if (verb.name === 'unhold' || (verb.name === 'abort' && going)) await services.runs.resume(next, events);
      // A service that failed has left the machine in the ramdisk: its instance is booted again.
      else if (verb.name === 'abort' && row.to === 'active') await services.runs.begin(next, 'power', {}, events);
      else await nodes.replace(next, events);
      if (going && (starts || verb.name === 'abort')) await letGo(services, going, next, asOf);
      if (verb.flow === 'undeploy') {
        await new Allocations(services).forget(node.allocation_uuid);
        await forgetConfigDrive(node, services.documents);
      }
      if (verb.flow === 'undeploy' || verb.flow === 'unrescue') await forgetRescuePassword(node.uuid, services);
      return accepted(request);
    },

    '#power': async (request) => {
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      const asked = powerRequest(node, request.body, request.minor);
      const at = timestamp(services.clock.now());
      const byRun = switchedByRun(node);
      const what = byRun ? asked.target : asked.ends;
      const event = `${request.user ?? 'An operator'} asked for power: ${node.power_state ?? 'unknown'} → ${what}`;
      const events: NewEvent[] = [{ event_type: 'power', event, severity: 'INFO', user: request.user, detail: {} }];
      if (byRun) {
        refuseUnfit(services, node, ['power']);
        const { ends, ...power } = asked;
        const next = { ...node, target_power_state: ends, last_error: null, updated_at: at };
        await services.runs.begin(next, 'power', { power }, events);
      } else {
        await nodes.replace(switched(node, asked, at), events);
        if (asksPerson(node.run)) await wake(node.uuid, services);
      }
      return accepted(request);
    },
  };
}

/** The row that must be readable before the 202 leaves (T1). */
function nextRow(node: Node, { verb }: ProvisionRequest, by: string, at: string): Node {
  const next = verb.name === 'abort' ? aborted(node, by, at) : transition(node, verb.name, { at });
  // An instance that goes takes its allocation along.
  if (verb.flow === 'undeploy') next.allocation_uuid = null;
  return { ...next, updated_at: at };
}

function abortLater({ user }: ApiRequest, step: string): NewEvent {
  const event = `${user ?? 'An operator'} asked for abort: it is carried out when step ${step} has ended`;
  return { event_type: 'transition', event, severity: 'INFO', user, detail: { verb: 'abort', step } };
}

async function refuseUnready(services: Needs, node: Node, flow: FlowName): Promise<void> {
  await services.runs.refuseOverLimit(flow);
  refuseUnfit(services, node, VALIDATED[flow] ?? []);
}

/** What an interface lacks is a 400 before anything starts. */
function refuseUnfit({ configuration }: Needs, node: Node, interfaces: readonly string[]): void {
  const verdicts = validateInterfaces(node, configuration);
  for (const name of interfaces) {
    const verdict = verdicts[name];
    if (verdict?.result === false) {
      throw new InvalidInput(`Failed to validate ${name} interface for node ${node.uuid}: ${verdict.reason ?? ''}`);
    }
  }
}

/** An execution that waits for what does not come any more must not be woken, and a medium for it has no use. */
async function letGo({ sessions, counters }: Needs, run: Run, after: Node, asOf: number): Promise<void> {
  // The row says so: a lost disarm costs one wake-up for nothing, not a wrong step; that ends a token on a medium, too.
  await sessions.disarm(after.uuid, asOf).catch(() => undefined);
  await withdraw(after.uuid, run, sessions).catch(() => undefined);
  // A run that is broken off has its place until its machine is torn down.
  const tearsDown = after.run?.id === run.id && after.run.ended === null;
  if (!tearsDown) await freePlace(run.id, counters);
}

function told({ user }: ApiRequest, node: Node, { verb, row }: ProvisionRequest, next: Node): NewEvent {
  const detail: JsonObject = { verb: verb.name, from: row.from, to: row.to };
  const why = verb.name === 'abort' && next.last_error !== null ? `: ${next.last_error}` : '';
  const event = `${user ?? 'An operator'} asked for ${verb.name}: ${node.provision_state} → ${row.to}${why}`;
  return { event_type: 'transition', event, severity: 'INFO', user, detail };
}

function accepted({ publicUrl, params }: ApiRequest): ApiResponse {
  const ident = encodeURIComponent(params.node ?? '');
  return { status: 202, headers: { Location: `${publicUrl}/v1/nodes/${ident}/states` } };
}
