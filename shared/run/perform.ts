import { deriveToken } from '../agent/agent-token.ts';
import type { Session, SessionStore } from '../agent/session-store.ts';
import { besideOf, type HandOverDependencies, withdraw } from '../boot/hand-over.ts';
import type { DocumentStore } from '../documents.ts';
import type { Bmcs } from '../drivers/bmcs.ts';
import { type DriverRequest, driverExchange } from '../drivers/driver.ts';
import { keepFirmware } from '../drivers/kept-firmware.ts';
import type { RulePorts } from '../inspection-rules/rule-ports.ts';
import type { Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import type { Reach } from './exchange-port.ts';
import { learnInventory } from './learn-inventory.ts';
import type { ExchangeReply, ExchangeRequest } from './run.ts';

export interface PerformDependencies extends HandOverDependencies {
  nodes: Pick<NodeStore, 'replace'>;
  ports: RulePorts;
  documents: DocumentStore;
  /** The published inspection rules. */
  resources: Pick<ResourceStore, 'get'>;
  sessions: Pick<SessionStore, 'boot'> & HandOverDependencies['sessions'];
  reach: Reach;
  bmcs: Pick<Bmcs, 'exchange'>;
}

/** Seconds for one exchange: reading is quick, a sync command may wait for disks (contract §8, 30). */
const TIMEOUT_SECONDS = { list: 10, sync: 60, async: 20 };

/** One exchange with agent or driver. The token is made here and goes nowhere else. */
export async function perform(
  request: ExchangeRequest,
  node: Node,
  session: Session,
  given: PerformDependencies,
): Promise<ExchangeReply> {
  if (request.to === 'driver') return askDriver(request, node, given);
  const boot = await given.sessions.boot(node.uuid, session.generation);
  if (!boot) return { kind: 'unreachable', message: 'the agent has not told its address yet' };
  const sync = request.command === 'run' && request.wait;
  return given.reach.agent({
    callbackUrl: boot.callbackUrl,
    ...(boot.certificate === undefined ? {} : { certificate: boot.certificate }),
    ...(session.tokenless ? {} : { token: deriveToken(await given.tokenKey(), node.uuid, session.generation) }),
    timeoutSeconds: TIMEOUT_SECONDS[request.command === 'list' ? 'list' : sync ? 'sync' : 'async'],
    request:
      request.command === 'list'
        ? { command: 'list' }
        : { command: 'run', name: request.name, params: request.params, wait: request.wait },
  });
}

async function askDriver(request: DriverRequest, node: Node, given: PerformDependencies): Promise<ExchangeReply> {
  const answer = driverExchange(node, request);
  if (answer !== 'remote') return learned(answer, node, given);
  if (request.action === 'set-boot-device') {
    const beside = await besideOf(node, request.handOver === true, given);
    const reply = await given.bmcs.exchange(node, { ...request, ...(beside && { beside }) });
    const homeless = reply.kind === 'accepted' && reply.beside === 'no slot';
    if (homeless && node.run) await withdraw(node.uuid, node.run, given.sessions);
    return reply;
  }
  return learned(await given.bmcs.exchange(node, request), node, given);
}

/** What a driver found out goes where it belongs; the run hears no more than that it did. */
async function learned(reply: ExchangeReply, node: Node, given: PerformDependencies): Promise<ExchangeReply> {
  if (reply.kind === 'inspected') return learnInventory(node, reply, given);
  if (reply.kind !== 'stepped' || reply.firmware === undefined) return reply;
  const { firmware, ...rest } = reply;
  await keepFirmware(node.uuid, firmware, given);
  return rest;
}
