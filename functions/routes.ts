import type { Role, Route } from './http.ts';

/** Every route of both APIs. The router, the gateways, the local server and the docs read this table. */
type Row = [method: string, path: string, role: Role, handler: string, summary: string, bodyLimitBytes?: number];

const MIB = 1024 * 1024;
const ANY = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const any = (path: string, role: Role, handler: string, summary: string): Row[] =>
  ANY.map((method) => [method, path, role, handler, summary]);

// biome-ignore format: a table reads best with its columns aligned
const AGENT: readonly Row[] = [
  ['GET',  '/',                                              'public', 'agent/root',             'Versions of this API'],
  ['GET',  '/v1',                                            'public', 'agent/v1',               'Resources of version 1'],
  ['GET',  '/v1/lookup',                                     'agent',  'agent/lookup',           'Which node am I?'],
  ['POST', '/v1/lookup',                                     'agent',  'agent/lookup',           'Which node am I?'],
  ['POST', '/v1/heartbeat/{node}',                           'agent',  'agent/heartbeat',        'I am alive, at this address'],
  ['POST', '/v1/continue_inspection',                        'agent',  'agent/inspection',       'This is what I am', 5 * MIB],
  ['POST', '/v1/drivers/{driver}/vendor_passthru/lookup',    'agent',  'agent/legacy-lookup',    'Which node am I? (2014)'],
  ['POST', '/v1/nodes/{node}/vendor_passthru/heartbeat',     'agent',  'agent/legacy-heartbeat', 'I am alive (2014)'],
  ['GET',  '/v1/drivers/{driver}/vendor_passthru/methods',   'agent',  'agent/passthru#methods', 'Methods an agent may call'],
  ...any('/v1/nodes/{node}/vendor_passthru/{method}',        'agent',  'agent/passthru#call',    'Call a method of its own node'),
  ...any('/v1/drivers/{driver}/vendor_passthru/{method}',    'agent',  'agent/passthru#call',    'Call a method of a driver'),
];

// biome-ignore format: a table reads best with its columns aligned
const OPERATOR: readonly Row[] = [
  ['GET',    '/',                                            'public', 'operator/discovery#root',         'Versions of this API'],
  ['GET',    '/v1',                                          'public', 'operator/discovery#v1',           'Resources of version 1'],

  ['POST',   '/v1/nodes',                                    'admin',  'operator/nodes#create',           'Create a node'],
  ['GET',    '/v1/nodes',                                    'reader', 'operator/nodes#list',             'List nodes'],
  ['DELETE', '/v1/nodes',                                    'admin',  'operator/nodes#remove-none',      'Refused: a node must be named'],
  ['GET',    '/v1/nodes/detail',                             'reader', 'operator/nodes#detail',           'List nodes in full'],
  ['GET',    '/v1/nodes/{node}',                             'reader', 'operator/nodes#show',             'Show a node'],
  ['PATCH',  '/v1/nodes/{node}',                             'member', 'operator/nodes#patch',            'Change a node'],
  ['DELETE', '/v1/nodes/{node}',                             'admin',  'operator/nodes#remove',           'Delete a node and its ports'],
  ['GET',    '/v1/nodes/{node}/ports',                       'reader', 'operator/ports#of-node',          'List ports of a node'],
  ['GET',    '/v1/nodes/{node}/ports/detail',                'reader', 'operator/ports#of-node-detail',   'List ports of a node in full'],
  ['GET',    '/v1/nodes/{node}/states',                      'reader', 'operator/states#show',            'Show the states of a node'],
  ['PUT',    '/v1/nodes/{node}/states/provision',            'member', 'operator/states#provision',       'Ask for a provision state', 64 * MIB],
  ['PUT',    '/v1/nodes/{node}/states/power',                'member', 'operator/states#power',           'Switch a node on or off'],
  ['PUT',    '/v1/nodes/{node}/maintenance',                 'member', 'operator/maintenance#set',        'Take a node into maintenance'],
  ['DELETE', '/v1/nodes/{node}/maintenance',                 'member', 'operator/maintenance#unset',      'Take a node out of maintenance'],
  ['GET',    '/v1/nodes/{node}/validate',                    'reader', 'operator/validate#show',          'Check the interfaces of a node'],
  ['GET',    '/v1/nodes/{node}/management/boot_device',      'reader', 'operator/boot-device#show',       'Show the boot device'],
  ['PUT',    '/v1/nodes/{node}/management/boot_device',      'member', 'operator/boot-device#set',        'Set the boot device'],
  ['GET',    '/v1/nodes/{node}/management/boot_device/supported', 'reader', 'operator/boot-device#supported', 'List boot devices'],
  ['GET',    '/v1/nodes/{node}/traits',                      'reader', 'operator/traits#list',            'List traits'],
  ['PUT',    '/v1/nodes/{node}/traits',                      'admin',  'operator/traits#replace',         'Replace all traits'],
  ['DELETE', '/v1/nodes/{node}/traits',                      'admin',  'operator/traits#clear',           'Remove all traits'],
  ['PUT',    '/v1/nodes/{node}/traits/{trait}',              'admin',  'operator/traits#add',             'Add a trait'],
  ['DELETE', '/v1/nodes/{node}/traits/{trait}',              'admin',  'operator/traits#remove',          'Remove a trait'],
  ['PUT',    '/v1/nodes/{node}/states/raid',                 'member', 'operator/raid#set',               'Set the wanted RAID configuration'],
  ['GET',    '/v1/nodes/{node}/states/console',              'reader', 'operator/console#show',           'Show the console'],
  ['PUT',    '/v1/nodes/{node}/states/console',              'member', 'operator/console#set',            'Switch the console'],
  ['PUT',    '/v1/nodes/{node}/management/inject_nmi',       'member', 'operator/console#inject-nmi',     'Inject an NMI'],
  ['GET',    '/v1/nodes/{node}/inventory',                   'reader', 'operator/inventory#show',         'What the last inspection found'],
  ['GET',    '/v1/nodes/{node}/vifs',                        'reader', 'operator/vifs#list',              'List VIFs'],
  ['POST',   '/v1/nodes/{node}/vifs',                        'member', 'operator/vifs#attach',            'Attach a VIF'],
  ['DELETE', '/v1/nodes/{node}/vifs/{vif}',                  'member', 'operator/vifs#detach',            'Detach a VIF'],
  ['GET',    '/v1/nodes/{node}/bios',                        'reader', 'operator/firmware#bios',          'List BIOS settings'],
  ['GET',    '/v1/nodes/{node}/bios/{setting}',              'reader', 'operator/firmware#bios-setting',  'Show a BIOS setting'],
  ['GET',    '/v1/nodes/{node}/firmware',                    'reader', 'operator/firmware#firmware',      'List firmware'],
  ['GET',    '/v1/nodes/{node}/vmedia',                      'reader', 'operator/vmedia#list',            'List virtual media'],
  ['POST',   '/v1/nodes/{node}/vmedia',                      'member', 'operator/vmedia#attach',          'Attach virtual media'],
  ['DELETE', '/v1/nodes/{node}/vmedia',                      'member', 'operator/vmedia#detach',          'Detach virtual media'],
  ['GET',    '/v1/nodes/{node}/children',                    'reader', 'operator/children#list',          'List child nodes'],
  ['GET',    '/v1/nodes/{node}/history',                     'reader', 'operator/history#list',           'What happened to a node'],
  ['GET',    '/v1/nodes/{node}/history/{event}',             'reader', 'operator/history#show',           'One thing that happened'],
  ['GET',    '/v1/nodes/{node}/vendor_passthru/methods',     'reader', 'operator/vendor#node-methods',    'Vendor methods of a node'],
  ...any('/v1/nodes/{node}/vendor_passthru',                 'admin',  'operator/vendor#node-call',       'Call a vendor method (?method=)'),
  ...any('/v1/nodes/{node}/vendor_passthru/{method}',        'admin',  'operator/vendor#node-call',       'Call a vendor method'),

  ['POST',   '/v1/ports',                                    'admin',  'operator/ports#create',           'Create a port'],
  ['GET',    '/v1/ports',                                    'reader', 'operator/ports#list',             'List ports'],
  ['GET',    '/v1/ports/detail',                             'reader', 'operator/ports#detail',           'List ports in full'],
  ['GET',    '/v1/ports/{port}',                             'reader', 'operator/ports#show',             'Show a port'],
  ['PATCH',  '/v1/ports/{port}',                             'admin',  'operator/ports#patch',            'Change a port'],
  ['DELETE', '/v1/ports/{port}',                             'admin',  'operator/ports#remove',           'Delete a port'],

  ['GET',    '/v1/shards',                                   'reader', 'operator/shards#list',            'Count nodes by shard'],

  ['GET',    '/v1/conductors',                               'reader', 'operator/conductors#list',        'List conductors'],
  ['GET',    '/v1/conductors/{conductor}',                   'reader', 'operator/conductors#show',        'Show a conductor'],

  ['GET',    '/v1/drivers',                                  'reader', 'operator/drivers#list',           'List drivers'],
  ['GET',    '/v1/drivers/{driver}',                         'reader', 'operator/drivers#show',           'Show a driver'],
  ['GET',    '/v1/drivers/{driver}/properties',              'reader', 'operator/drivers#properties',     'What driver_info may hold'],
  ['GET',    '/v1/drivers/{driver}/raid/logical_disk_properties', 'reader', 'operator/drivers#raid',      'What a logical disk may say'],
  ['GET',    '/v1/drivers/{driver}/vendor_passthru/methods', 'reader', 'operator/vendor#driver-methods',  'Vendor methods of a driver'],
  ...any('/v1/drivers/{driver}/vendor_passthru',             'admin',  'operator/vendor#driver-call',     'Call a vendor method (?method=)'),
  ...any('/v1/drivers/{driver}/vendor_passthru/{method}',    'admin',  'operator/vendor#driver-call',     'Call a vendor method'),
];

const route =
  (api: Route['api']) =>
  ([method, path, role, handler, summary, bodyLimitBytes]: Row): Route => ({
    method,
    path,
    api,
    role,
    handler,
    summary,
    ...(bodyLimitBytes === undefined ? {} : { bodyLimitBytes }),
  });

export const ROUTES: readonly Route[] = [...AGENT.map(route('agent')), ...OPERATOR.map(route('operator'))];
