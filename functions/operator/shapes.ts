import { z } from 'zod';
import { ALLOCATION, NODE_FIELD } from '../../shared/allocation/allocation.ts';
import { DEPLOY_TEMPLATE } from '../../shared/deploy-template/deploy-template.ts';
import { INSPECTION_RULE } from '../../shared/inspection-rules/inspection-rule.ts';
import { NODE_FIELDS } from '../../shared/node/fields.ts';
import { NODE_DETAIL_ARGUMENTS, NODE_LIST_ARGUMENTS } from '../../shared/node/node-list.ts';
import { NODE_IDENT, PORT_ARGUMENTS, PORT_DETAIL_ARGUMENTS, PORT_FIELDS } from '../../shared/node/port-fields.ts';
import { CHASSIS } from '../../shared/resource/chassis.ts';
import { PORTGROUP } from '../../shared/resource/portgroup.ts';
import { PAGING } from '../../shared/resource/query.ts';
import type { Resource } from '../../shared/resource/resource.ts';
import { VOLUME_CONNECTOR, VOLUME_TARGET } from '../../shared/resource/volume.ts';
import { RUNBOOK } from '../../shared/runbook/runbook.ts';
import {
  answerOf,
  FIELDS_ARGUMENT,
  link,
  links,
  listOf,
  patchOf,
  requestOf,
  resourceShapes,
  type Shape,
} from '../shape.ts';
import { NODELESS_PARTS, NODELESS_SHAPES } from './nodeless/shapes.ts';

const text = z.string();
const document = z.looseObject({});
const texts = z.array(text);
const boolean = z.union([z.boolean(), text]).describe('Or a text such as "True"');
const node = answerOf(NODE_FIELDS);
const port = answerOf(PORT_FIELDS);
const ports = listOf('ports', port);
const nodes = listOf('nodes', node);
const traits = z.object({ traits: texts });
const volume = z.object({ links, connectors: links, targets: links });
const lamp = z.looseObject({ name: text, component: text, readonly: z.boolean(), states: texts, links });
const conductor = z.looseObject({ hostname: text, alive: z.boolean() }).partial().extend({ links });
const driver = z.looseObject({ name: text, hosts: texts, type: text }).partial().extend({ links });
const setting = z.looseObject({ name: text, value: z.unknown() });
const event = z.looseObject({ uuid: text, created_at: text, severity: z.enum(['INFO', 'ERROR']), event: text, links });
const methods = z
  .record(
    text,
    z.looseObject({ http_methods: texts, async: z.boolean(), description: text, attach: z.boolean() }).partial(),
  )
  .describe('By the name of the method');
const verdicts = z.record(text, z.looseObject({ result: z.boolean().nullable(), reason: text.optional() }));
const steps = z.array(z.looseObject({ interface: text, step: text, args: document.optional() }));
const provision = z
  .strictObject({
    target: text,
    configdrive: z.union([text, document]),
    deploy_steps: steps,
    clean_steps: steps,
    service_steps: steps,
    rescue_password: text,
    disable_ramdisk: boolean,
    runbook: text,
  })
  .partial()
  .required({ target: true });
const power = z.enum(['power on', 'power off', 'rebooting', 'soft power off', 'soft rebooting']);
const DEVICE = z.enum(['disk', 'cdrom', 'floppy']);

const done = (since: number, request?: z.ZodType, status = 204): Shape => ({
  since,
  status,
  ...(request && { request }),
});
const shown = (since: number, answer: z.ZodType, query: Shape['query'] = {}): Shape => ({
  since,
  query,
  status: 200,
  answer,
});

// biome-ignore format: a table reads best with its columns aligned
const NODES: Record<string, Shape> = {
  'nodes#create':            { request: requestOf(NODE_FIELDS, ['driver']), status: 201, answer: node },
  'nodes#list':              shown(1, nodes, NODE_LIST_ARGUMENTS),
  'nodes#detail':            shown(1, nodes, NODE_DETAIL_ARGUMENTS),
  'nodes#of-chassis':        shown(1, nodes, NODE_LIST_ARGUMENTS),
  'nodes#of-chassis-detail': shown(1, nodes, NODE_DETAIL_ARGUMENTS),
  'nodes#show':              shown(1, node, FIELDS_ARGUMENT),
  'nodes#patch':             { query: { reset_interfaces: ['boolean', 45] }, request: patchOf(NODE_FIELDS), status: 200, answer: node },
  'nodes#remove':            done(1),
  'nodes#remove-none':       { status: 400 },
  'states#show':             shown(1, document),
  'states#provision':        done(1, provision, 202),
  'states#power':            done(1, z.strictObject({ target: power, timeout: z.int().min(1).nullable().optional() }), 202),
  'boot-mode#set-mode':      done(76, z.strictObject({ target: z.enum(['uefi', 'bios']) }), 202),
  'boot-mode#set-secure':    done(76, z.strictObject({ target: boolean }), 202),
  'maintenance#set':         done(1, z.strictObject({ reason: text.nullable() }).partial(), 202),
  'maintenance#unset':       done(1, undefined, 202),
  'validate#show':           shown(1, verdicts),
  'validate#by-query':       shown(1, verdicts, { node: ['string', 1], node_uuid: ['string', 1] }),
  'indicators#list':         shown(63, z.object({ indicators: z.array(lamp) })),
  'indicators#show':         shown(63, z.object({ state: text })),
  'indicators#set':          done(63, z.strictObject({ state: text })),
  'boot-device#show':        shown(1, z.object({ boot_device: text.nullable(), persistent: z.boolean().nullable() })),
  'boot-device#set':         done(1, z.strictObject({ boot_device: text, persistent: boolean.optional() })),
  'boot-device#supported':   shown(1, z.object({ supported_boot_devices: texts })),
  'traits#list':             shown(37, traits),
  'traits#replace':          done(37, traits),
  'traits#clear':            done(37),
  'traits#add':              done(37),
  'traits#remove':           done(37),
  'raid#set':                done(12, z.strictObject({ logical_disks: z.array(document) }).partial()),
  'console#show':            shown(1, z.object({ console_enabled: z.boolean(), console_info: document.nullable() })),
  'console#set':             done(1, z.strictObject({ enabled: boolean }), 202),
  'console#inject-nmi':      done(29, z.strictObject({})),
  'inventory#show':          shown(81, z.object({ inventory: document, plugin_data: document })),
  'vifs#list':               shown(28, z.object({ vifs: z.array(z.object({ id: text })) })),
  'vifs#attach':             done(28, z.strictObject({ id: text, port_uuid: text.optional(), portgroup_uuid: text.optional() })),
  'vifs#detach':             done(28),
  'firmware#bios':           shown(40, z.object({ bios: z.array(setting) }), { detail: ['boolean', 74], fields: ['list', 74] }),
  'firmware#bios-setting':   shown(40, z.record(text, setting)),
  'firmware#firmware':       shown(86, z.object({ firmware: z.array(z.looseObject({ component: text })) }), { fields: ['list', 86] }),
  'vmedia#list':             shown(93, z.array(document)),
  'vmedia#attach':           done(89, z.strictObject({ device_type: DEVICE, image_url: text, image_download_source: text.optional() })),
  'vmedia#detach':           { since: 89, query: { device_types: ['list', 89] }, request: z.strictObject({ device_types: z.array(DEVICE) }).partial(), status: 204 },
  'children#list':           shown(83, z.object({ children: texts, links: link })),
  'history#list':            shown(78, listOf('history', event), { ...PAGING, detail: ['boolean', 78] }),
  'history#show':            shown(78, event),
  'allocations#of-node':     shown(52, answerOf(ALLOCATION.fields), { fields: ['list', 52] }),
  'allocations#remove-of-node': done(52),
};

// biome-ignore format: a table reads best with its columns aligned
const PORTS: Record<string, Shape> = {
  'ports#create':              { request: requestOf([...PORT_FIELDS, NODE_IDENT], ['address']), status: 201, answer: port },
  'ports#show':                shown(1, port, FIELDS_ARGUMENT),
  'ports#patch':               { request: patchOf([...PORT_FIELDS, NODE_IDENT]), status: 200, answer: port },
  'ports#remove':              done(1),
  'ports#list':                shown(1, ports, PORT_ARGUMENTS),
  'ports#detail':              shown(1, ports, PORT_DETAIL_ARGUMENTS),
  'ports#of-node':             shown(1, ports, PORT_ARGUMENTS),
  'ports#of-node-detail':      shown(1, ports, PORT_DETAIL_ARGUMENTS),
  'ports#of-portgroup':        shown(24, ports, PORT_ARGUMENTS),
  'ports#of-portgroup-detail': shown(24, ports, PORT_DETAIL_ARGUMENTS),
};

// biome-ignore format: a table reads best with its columns aligned
const REST: Record<string, Shape> = {
  'discovery#root':              shown(1, document),
  'discovery#v1':                shown(1, document),
  'discovery#elsewhere':         { since: 22, status: 400 },
  'volume#show':                 shown(32, volume),
  'volume#of-node':              shown(32, volume),
  'runbooks#traits':             shown(112, traits),
  'runbooks#replace-traits':     done(112, traits),
  'runbooks#clear-traits':       done(112),
  'runbooks#add-trait':          done(112),
  'runbooks#remove-trait':       done(112),
  'inspection-rules#remove-all': done(96),
  'network-events#take':         done(54, z.strictObject({ events: z.array(document) })),
  'shards#list':                 shown(82, z.object({ shards: z.array(z.object({ name: text, count: z.int() })) })),
  'conductors#list':             shown(49, listOf('conductors', conductor), { ...PAGING, fields: ['list', 49], detail: ['boolean', 49] }),
  'conductors#show':             shown(49, conductor, { fields: ['list', 49] }),
  'drivers#list':                shown(1, z.object({ drivers: z.array(driver) }), { detail: ['boolean', 30], type: ['string', 30], fields: ['list', 77] }),
  'drivers#show':                shown(1, driver, { fields: ['list', 77] }),
  'drivers#properties':          shown(1, z.record(text, text)),
  'drivers#raid':                shown(12, z.record(text, text)),
  'vendor#node-methods':         shown(1, methods),
  'vendor#driver-methods':       shown(1, methods),
  'vendor#node-call':            { query: { method: ['string', 1] }, request: document, status: [200, 202], answer: z.unknown() },
  'vendor#driver-call':          { query: { method: ['string', 1] }, request: document, status: [200, 202], answer: z.unknown() },
};

/** File of the handlers, and what is beside the calls that every resource has. */
const RESOURCES: readonly (readonly [file: string, Resource, Parameters<typeof resourceShapes>[2]?])[] = [
  ['chassis', CHASSIS, { lists: [['detail']] }],
  ['portgroups', PORTGROUP, { lists: [['detail'], ['of-node', 24], ['of-node-detail', 24]] }],
  ['connectors', VOLUME_CONNECTOR, { lists: [['of-node']] }],
  ['targets', VOLUME_TARGET, { lists: [['of-node']] }],
  ['allocations', ALLOCATION, { extra: NODE_FIELD, patchSince: 57 }],
  ['deploy-templates', DEPLOY_TEMPLATE],
  ['runbooks', RUNBOOK],
  ['inspection-rules', INSPECTION_RULE],
];

const named = ([name, shape]: [string, Shape]) => [`operator/${name}`, shape] as const;

/** Of every call of the operator API. */
export const OPERATOR_SHAPES: Readonly<Record<string, Shape>> = {
  ...Object.fromEntries(Object.entries({ ...NODES, ...PORTS, ...REST }).map(named)),
  ...Object.fromEntries(RESOURCES.flatMap((row) => Object.entries(resourceShapes(...row)))),
  ...NODELESS_SHAPES,
};

const items = RESOURCES.flatMap(([file, { kind }]) => {
  const { answer } = OPERATOR_SHAPES[`operator/${file}#show`] ?? {};
  return answer === undefined ? [] : [[kind, answer] as const];
});

/** Shapes with a name of their own in the file. */
export const OPERATOR_PARTS: Readonly<Record<string, z.ZodType>> = {
  node,
  port,
  ...Object.fromEntries(items),
  ...NODELESS_PARTS,
};
