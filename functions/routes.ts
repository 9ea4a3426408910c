import type { Role, Route } from './http.ts';

/** Every route of both APIs. The router, the gateways, the local server and the docs read this table. */
type Row = [method: string, path: string, role: Role, handler: string, summary: string, bodyLimitBytes?: number];

const MIB = 1024 * 1024;
const ANY = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const any = (path: string, role: Role, handler: string, summary: string): Row[] =>
  ANY.map((method) => [method, path, role, handler, summary]);

/** The calls that every resource of an operator has. */
const crud = (path: string, param: string, file: string, noun: string, plural = `${noun}s`): Row[] => [
  ['POST', path, 'admin', `operator/${file}#create`, `Create a ${noun}`],
  ['GET', path, 'reader', `operator/${file}#list`, `List ${plural}`],
  ['GET', `${path}/{${param}}`, 'reader', `operator/${file}#show`, `Show a ${noun}`],
  ['PATCH', `${path}/{${param}}`, 'admin', `operator/${file}#patch`, `Change a ${noun}`],
  ['DELETE', `${path}/{${param}}`, 'admin', `operator/${file}#remove`, `Delete a ${noun}`],
];

// biome-ignore format: a table reads best with its columns aligned
const AGENT: readonly Row[] = [
  ['GET',  '/',                                              'public', 'agent/root',             'Versions of this API'],
  ['GET',  '/v1',                                            'public', 'agent/v1',               'Resources of version 1'],
  ['GET',  '/boot.ipxe',                                     'agent',  'agent/boot',             'What iPXE boots this machine with'],
  ['GET',  '/parameters.iso',                                'public', 'agent/parameters',       'Medium that tells an agent of virtual media where to report'],
  ['GET',  '/parameters/{medium}',                           'public', 'agent/medium',           'The same for one boot of a machine, with its token'],
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
  ['POST',   '/v1/heartbeat',                                'reader', 'operator/discovery#elsewhere',    'Refused: agents report to the agent API'],
  ['POST',   '/v1/heartbeat/{node}',                         'reader', 'operator/discovery#elsewhere',    'Refused: agents report to the agent API'],

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
  ['PUT',    '/v1/nodes/{node}/states/boot_mode',            'member', 'operator/boot-mode#set-mode',     'Choose UEFI or BIOS'],
  ['PUT',    '/v1/nodes/{node}/states/secure_boot',          'member', 'operator/boot-mode#set-secure',   'Switch secure boot'],
  ['PUT',    '/v1/nodes/{node}/maintenance',                 'member', 'operator/maintenance#set',        'Take a node into maintenance'],
  ['DELETE', '/v1/nodes/{node}/maintenance',                 'member', 'operator/maintenance#unset',      'Take a node out of maintenance'],
  ['GET',    '/v1/nodes/{node}/validate',                    'reader', 'operator/validate#show',          'Check the interfaces of a node'],
  ['GET',    '/v1/nodes/validate',                           'reader', 'operator/validate#by-query',      'Check the interfaces of a node that the query names'],
  ['GET',    '/v1/nodes/{node}/management/indicators',       'reader', 'operator/indicators#list',        'List the lamps of a machine'],
  ['GET',    '/v1/nodes/{node}/management/indicators/{indicator}', 'reader', 'operator/indicators#show',  'Show a lamp'],
  ['PUT',    '/v1/nodes/{node}/management/indicators/{indicator}', 'member', 'operator/indicators#set',   'Switch a lamp'],
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

  ...crud('/v1/chassis', 'chassis', 'chassis', 'chassis', 'chassis'),
  ['GET',    '/v1/chassis/detail',                           'reader', 'operator/chassis#detail',         'List chassis in full'],
  ['GET',    '/v1/chassis/{chassis}/nodes',                  'reader', 'operator/nodes#of-chassis',       'List nodes of a chassis'],
  ['GET',    '/v1/chassis/{chassis}/nodes/detail',           'reader', 'operator/nodes#of-chassis-detail', 'List nodes of a chassis in full'],

  ...crud('/v1/portgroups', 'portgroup', 'portgroups', 'port group'),
  ['GET',    '/v1/portgroups/detail',                        'reader', 'operator/portgroups#detail',      'List port groups in full'],
  ['GET',    '/v1/portgroups/{portgroup}/ports',             'reader', 'operator/ports#of-portgroup',     'List ports of a port group'],
  ['GET',    '/v1/portgroups/{portgroup}/ports/detail',      'reader', 'operator/ports#of-portgroup-detail', 'List ports of a port group in full'],
  ['GET',    '/v1/nodes/{node}/portgroups',                  'reader', 'operator/portgroups#of-node',     'List port groups of a node'],
  ['GET',    '/v1/nodes/{node}/portgroups/detail',           'reader', 'operator/portgroups#of-node-detail', 'List port groups of a node in full'],

  ['GET',    '/v1/volume',                                   'reader', 'operator/volume#show',            'Kinds of volume records'],
  ...crud('/v1/volume/connectors', 'connector', 'connectors', 'volume connector'),
  ...crud('/v1/volume/targets', 'target', 'targets', 'volume target'),
  ['GET',    '/v1/nodes/{node}/volume',                      'reader', 'operator/volume#of-node',         'Kinds of volume records of a node'],
  ['GET',    '/v1/nodes/{node}/volume/connectors',           'reader', 'operator/connectors#of-node',     'List volume connectors of a node'],
  ['GET',    '/v1/nodes/{node}/volume/targets',              'reader', 'operator/targets#of-node',        'List volume targets of a node'],

  ...crud('/v1/allocations', 'allocation', 'allocations', 'allocation'),
  ['GET',    '/v1/nodes/{node}/allocation',                  'reader', 'operator/allocations#of-node',    'Show the allocation of a node'],
  ['DELETE', '/v1/nodes/{node}/allocation',                  'admin',  'operator/allocations#remove-of-node', 'Delete the allocation of a node'],

  ...crud('/v1/deploy_templates', 'template', 'deploy-templates', 'deploy template'),

  ...crud('/v1/runbooks', 'runbook', 'runbooks', 'runbook'),
  ['GET',    '/v1/runbooks/{runbook}/traits',                'reader', 'operator/runbooks#traits',        'List traits of a runbook'],
  ['PUT',    '/v1/runbooks/{runbook}/traits',                'admin',  'operator/runbooks#replace-traits', 'Replace all traits of a runbook'],
  ['DELETE', '/v1/runbooks/{runbook}/traits',                'admin',  'operator/runbooks#clear-traits',  'Remove all traits of a runbook'],
  ['PUT',    '/v1/runbooks/{runbook}/traits/{trait}',        'admin',  'operator/runbooks#add-trait',     'Add a trait to a runbook'],
  ['DELETE', '/v1/runbooks/{runbook}/traits/{trait}',        'admin',  'operator/runbooks#remove-trait',  'Remove a trait of a runbook'],

  ...crud('/v1/inspection_rules', 'rule', 'inspection-rules', 'inspection rule'),
  ['DELETE', '/v1/inspection_rules',                         'admin',  'operator/inspection-rules#remove-all', 'Delete all inspection rules'],

  ['GET',    '/v1/nodeless/inbox',                           'reader', 'operator/inbox#list',             'List machines that wait for a person'],
  ['POST',   '/v1/nodeless/inbox/approve',                   'admin',  'operator/inbox#approve-all',      'Let in all machines of a filter'],
  ['POST',   '/v1/nodeless/inbox/reject',                    'admin',  'operator/inbox#reject-all',       'Turn away all machines of a filter'],
  ['GET',    '/v1/nodeless/inbox/{submission}',              'reader', 'operator/inbox#show',             'Show a machine that waits, with its evidence'],
  ['DELETE', '/v1/nodeless/inbox/{submission}',              'admin',  'operator/inbox#remove',           'Forget a machine and what was decided on it'],
  ['POST',   '/v1/nodeless/inbox/{submission}/approve',      'admin',  'operator/inbox#approve',          'Let a machine in, as a new node or as one that is there'],
  ['POST',   '/v1/nodeless/inbox/{submission}/reject',       'admin',  'operator/inbox#reject',           'Turn a machine away'],
  ['GET',    '/v1/nodeless/policies/effective',              'reader', 'operator/policies#effective',     'List all policies in the order in which they are asked'],
  ...crud('/v1/nodeless/policies', 'policy', 'policies', 'policy', 'policies'),
  ['POST',   '/v1/nodeless/join_tokens',                     'admin',  'operator/join-tokens#create',     'Issue a join token'],
  ['GET',    '/v1/nodeless/join_tokens',                     'reader', 'operator/join-tokens#list',       'List join tokens and their use'],
  ['GET',    '/v1/nodeless/join_tokens/{join_token}',        'reader', 'operator/join-tokens#show',       'Show a join token and its use'],
  ['DELETE', '/v1/nodeless/join_tokens/{join_token}',        'admin',  'operator/join-tokens#revoke',     'Revoke a join token'],
  ['GET',    '/v1/nodeless/matching',                        'reader', 'operator/matching#show',          'Show how machines are matched'],
  ['GET',    '/v1/nodeless/explain/{subject}',               'reader', 'operator/explain#show',           'Why a node or a submission is what it is'],

  ['POST',   '/v1/events',                                   'admin',  'operator/network-events#take',    'Take note of what Neutron tells'],

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

/** Handlers of acts on a node, and what of query and body its history shows: nothing that may be a secret. */
const ACTS: Readonly<Record<string, readonly string[]>> = {
  'operator/boot-mode#set-mode': ['target'],
  'operator/boot-mode#set-secure': ['target'],
  'operator/indicators#set': ['state'],
  'operator/boot-device#set': ['boot_device', 'persistent'],
  'operator/traits#replace': ['traits'],
  'operator/traits#clear': [],
  'operator/traits#add': [],
  'operator/traits#remove': [],
  'operator/raid#set': ['logical_disks'],
  'operator/console#set': ['enabled'],
  'operator/vifs#attach': ['id'],
  'operator/vifs#detach': [],
  'operator/vmedia#attach': ['device_type'],
  'operator/vmedia#detach': ['device_types'],
  'operator/vendor#node-call': ['method'],
  'operator/ports#create': ['address'],
  'operator/ports#patch': [],
  'operator/ports#remove': [],
};

/**
 * The agent API once more below a join token, which agents carry in the base URL that they boot with. A gateway needs it as
 * routes of its own, and logs these paths, never the token.
 */
const JOINED: readonly Row[] = AGENT.map(([method, path, ...rest]) => [
  method,
  `/join/{token}${path === '/' ? '' : path}`,
  ...rest,
]);

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
    ...(ACTS[handler] === undefined ? {} : { act: ACTS[handler] }),
  });

export const ROUTES: readonly Route[] = [
  ...[...AGENT, ...JOINED].map(route('agent')),
  ...OPERATOR.map(route('operator')),
];
