import { z } from 'zod';
import { timestamp } from '../clock.ts';
import { changeNode } from './change-node.ts';
import { type VendorMethod, vendorMethod } from './vendor-method.ts';

const WORD = z.string().min(1).max(255);
const FIRMWARE = z.strictObject({
  components: z
    .array(
      z.strictObject({
        component: WORD,
        current_version: WORD,
        vendor: WORD.optional(),
        model: WORD.optional(),
        serial_number: WORD.optional(),
      }),
    )
    .max(64),
});

/** Rows for machines. Each call is made as the one node whose token came with it. */
export const AGENT_ROWS: readonly VendorMethod[] = [
  vendorMethod({
    name: 'node_public_fields',
    vendor: '*',
    audience: 'agent',
    subject: 'node',
    verbs: ['POST'],
    async: false,
    requireExclusiveLock: false,
    perMinute: 30,
    description: "Read the calling machine's own node: names, state and what operators declared about it, no secrets",
    arguments: z.strictObject({}),
    // An allow-list: driver_info, instance_info and the internal dictionaries may hold secrets.
    run: async ({ subject: { node } }) => ({
      uuid: node.uuid,
      name: node.name,
      driver: node.driver,
      provision_state: node.provision_state,
      instance_uuid: node.instance_uuid,
      resource_class: node.resource_class,
      conductor_group: node.conductor_group,
      shard: node.shard,
      traits: node.traits,
      properties: node.properties,
    }),
  }),
  vendorMethod({
    name: 'report_firmware',
    vendor: '*',
    audience: 'agent',
    subject: 'node',
    verbs: ['POST'],
    // Answered when it is stored: an agent that hears nothing sends again.
    async: false,
    requireExclusiveLock: false,
    perMinute: 6,
    description: 'Tell the firmware versions found on the calling machine; replaces the last report',
    arguments: FIRMWARE,
    run: async ({ subject, nodes, clock }, { components }) => {
      const reported = components.map((component) => ({ ...component }) as Record<string, string>);
      await changeNode(
        nodes,
        subject.node.uuid,
        (node) => ({
          ...node,
          driver_internal_info: {
            ...node.driver_internal_info,
            reported_firmware: { at: timestamp(clock.now()), components: reported },
          },
        }),
        {
          event_type: 'firmware',
          event: `The machine reported the firmware of ${components.length} components`,
          severity: 'INFO',
          user: 'agent',
          detail: { components: components.length },
        },
      );
      return { accepted: components.length };
    },
  }),
];
