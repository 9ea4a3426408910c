import { z } from 'zod';
import type { Dialogue } from '../drivers/redfish/dialogue.ts';
import { ejectMedia } from '../drivers/redfish/media.ts';
import {
  createSubscription,
  deleteSubscription,
  getAllSubscriptions,
  getSubscription,
} from '../drivers/redfish/subscriptions.ts';
import { Unavailable } from '../errors.ts';
import type { JsonValue } from '../json.ts';
import type { Node } from '../node/node.ts';
import { type VendorCall, type VendorMethod, vendorMethod } from './vendor-method.ts';

const ID = z.strictObject({ id: z.string().min(1).max(255) });
const SUBSCRIPTION = z.strictObject({
  Destination: z.url({ protocol: /^https?$/ }).max(2000),
  EventTypes: z.array(z.string().max(64)).max(16).default(['Alert']),
  Context: z.string().max(255).default(''),
  Protocol: z.string().max(64).default('Redfish'),
  HttpHeaders: z.array(z.record(z.string(), z.string())).max(16).optional(),
});
const EJECT = z.strictObject({ boot_device: z.enum(['cdrom', 'floppy', 'disk', 'usb']).optional() });

type NodeCall = VendorCall<{ kind: 'node'; node: Node }>;
function talk<T>({ bmcs, subject }: NodeCall, dialogue: (systemPath: string | null) => Dialogue<T>): Promise<T> {
  if (!bmcs) throw new Unavailable('BMCs are not reached from here.');
  return bmcs.talk(subject.node, ({ systemPath }) => dialogue(systemPath));
}

/** A method of Ironic's redfish vendor interface: for operators, answered when the BMC has answered. */
function row<A extends z.ZodType>(
  name: string,
  verb: 'GET' | 'POST' | 'DELETE',
  description: string,
  schema: A,
  run: (call: NodeCall, given: z.output<A>) => Promise<JsonValue>,
): VendorMethod {
  return vendorMethod({
    name,
    vendor: 'redfish',
    audience: 'operator',
    subject: 'node',
    verbs: [verb],
    async: false,
    // As Ironic: only the medium is the business of a run, too.
    requireExclusiveLock: name === 'eject_vmedia',
    description,
    arguments: schema,
    run,
  });
}

/** Ironic's names and verbs; DELETE and GET take their arguments in the body, as all vendor methods do. */
export const REDFISH_ROWS: readonly VendorMethod[] = [
  row(
    'create_subscription',
    'POST',
    'Creates a subscription on a node. Required argument: a dictionary of {"Destination": "destination_url"}',
    SUBSCRIPTION,
    (call, given) => talk(call, () => createSubscription(given)),
  ),
  row('get_subscription', 'GET', 'Get a subscription of a node. Required argument: {"id": "…"}', ID, (call, { id }) =>
    talk(call, () => getSubscription(id)),
  ),
  row('get_all_subscriptions', 'GET', 'Returns all subscriptions on the node.', z.strictObject({}), (call) =>
    talk(call, () => getAllSubscriptions()),
  ),
  row(
    'delete_subscription',
    'DELETE',
    'Delete a subscription of a node. Required argument: {"id": "…"}',
    ID,
    (call, { id }) => talk(call, () => deleteSubscription(id)),
  ),
  row(
    'eject_vmedia',
    'POST',
    'Eject a virtual media device. Optional argument: {"boot_device": "cdrom"}; without it all are ejected',
    EJECT,
    async (call, { boot_device: device }) => {
      const devices = device === undefined ? [] : [device === 'usb' ? 'disk' : device];
      await talk(call, (systemPath) => ejectMedia(systemPath, devices));
      return null;
    },
  ),
];
