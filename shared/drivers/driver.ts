import type { JsonObject } from '../json.ts';
import type { Node } from '../node/node.ts';
import type { ExchangeReply, ExchangeRequest } from '../run/run.ts';
import type { PowerCapability } from './capabilities.ts';
import { argumentsOf, driverStepOf } from './driver-steps.ts';
import { NO_IPMI } from './ipmi.ts';
import { bootDevices, powerCapability } from './registry.ts';

/** What a run may ask of a driver. */
export type DriverRequest = Extract<ExchangeRequest, { to: 'driver' }>;

/** How a driver of one capability answers. `remote`: only a BMC, or an operator's code, knows. */
type Answer = (node: Node, request: DriverRequest) => ExchangeReply | 'remote';

const ANSWERS: Record<PowerCapability, Answer> = {
  immediate: fakeExchange,
  person: personExchange,
  exchange: () => 'remote',
  hook: () => 'remote',
  nobody: () => ({ kind: 'refused', status: 400, message: NO_IPMI }),
};

/** Answers from the row where the driver can, without any input or output. */
export function driverExchange(node: Node, request: DriverRequest): ExchangeReply | 'remote' {
  return ANSWERS[powerCapability(node)](node, request);
}

const NOBODY_KNOWS = 'There is no BMC to ask what the machine is; inspect_interface agent boots a ramdisk for it.';

/** Pretended hardware. Its memory is the row: whoever performs the effect stores the state that is answered here. */
export function fakeExchange(node: Node, request: DriverRequest): ExchangeReply {
  switch (request.action) {
    case 'power-state':
      return { kind: 'power', state: powerOf(node) ?? 'power off' };
    case 'set-power':
      return { kind: 'power', state: request.target.endsWith('power off') ? 'power off' : 'power on' };
    case 'set-boot-device':
      return bootDevice(node, request.device);
    case 'inspect':
      return { kind: 'unsupported', message: NOBODY_KNOWS };
    case 'run-step':
    case 'check-step':
      return pretendedStep(node, request.step);
  }
}

function pretendedStep(node: Node, step: JsonObject): ExchangeReply {
  const found = driverStepOf(node, step);
  if (found?.by === 'pretence') return found.run(argumentsOf(step));
  return { kind: 'unsupported', message: 'there is no BMC to carry it out' };
}

/** No BMC: nothing but a person (or a running agent, which is not asked here) can switch the machine. */
function personExchange(node: Node, request: DriverRequest): ExchangeReply {
  switch (request.action) {
    case 'power-state':
      return { kind: 'power', state: powerOf(node) };
    case 'set-power':
      return { kind: 'unsupported', message: instruction(node, request.target) };
    case 'set-boot-device':
      return bootDevice(node, request.device);
    case 'inspect':
      return { kind: 'unsupported', message: NOBODY_KNOWS };
    case 'run-step':
    case 'check-step':
      return pretendedStep(node, request.step);
  }
}

function instruction(node: Node, target: string): string {
  const act = target === 'power on' ? 'Switch it on' : target.endsWith('power off') ? 'Switch it off' : 'Restart it';
  const where = node.driver_info.power_instructions;
  const hint = typeof where === 'string' && where !== '' ? ` (${where})` : '';
  const say = target.endsWith('power off') ? 'power off' : 'power on';
  return (
    `Nothing can switch machine ${node.name ?? node.uuid} from here. ${act} by hand${hint}, ` +
    `then report it: PUT /v1/nodes/${node.uuid}/states/power {"target": "${say}"}.`
  );
}

function bootDevice(node: Node, device: string): ExchangeReply {
  const supported = bootDevices(node);
  if (supported.includes(device)) return { kind: 'accepted' };
  return {
    kind: 'refused',
    status: 400,
    message: `Invalid boot device ${device} specified, supported are ${supported.join(', ')}.`,
  };
}

function powerOf(node: Node): 'power on' | 'power off' | null {
  return node.power_state === 'power on' || node.power_state === 'power off' ? node.power_state : null;
}
