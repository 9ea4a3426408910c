import type { Node } from '../node/node.ts';
import type { ExchangeReply, ExchangeRequest } from '../run/run.ts';
import type { PowerCapability } from './capabilities.ts';
import { bootDevices, powerCapability } from './registry.ts';

/** What a run may ask of a driver. */
export type DriverRequest = Extract<ExchangeRequest, { to: 'driver' }>;

/** How a driver of one capability answers. `remote`: only an exchange with the BMC knows. */
type Answer = (node: Node, request: DriverRequest) => ExchangeReply | 'remote';

const ANSWERS: Record<PowerCapability, Answer> = {
  immediate: fakeExchange,
  person: personExchange,
  exchange: () => 'remote',
};

/** Answers from the row where the driver can, without any input or output. */
export function driverExchange(node: Node, request: DriverRequest): ExchangeReply | 'remote' {
  return ANSWERS[powerCapability(node)](node, request);
}

/** Pretended hardware. Its memory is the row: whoever performs the effect stores the state that is answered here. */
export function fakeExchange(node: Node, request: DriverRequest): ExchangeReply {
  switch (request.action) {
    case 'power-state':
      return { kind: 'power', state: powerOf(node) ?? 'power off' };
    case 'set-power':
      return { kind: 'power', state: request.target === 'power off' ? 'power off' : 'power on' };
    case 'set-boot-device':
      return bootDevice(node, request.device);
  }
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
  }
}

function instruction(node: Node, target: string): string {
  const act = { 'power on': 'Switch it on', 'power off': 'Switch it off' }[target] ?? 'Restart it';
  const where = node.driver_info.power_instructions;
  const hint = typeof where === 'string' && where !== '' ? ` (${where})` : '';
  const say = target === 'power off' ? 'power off' : 'power on';
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
