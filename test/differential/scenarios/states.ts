import {
  add,
  del,
  get,
  id,
  NEWEST,
  patch,
  post,
  put,
  remove,
  replace,
  type Scenario,
  type Step,
  wait,
} from '../request.ts';

const N = '/nodes/one';
const verb = (target: string, more: object = {}, version?: string) =>
  put(`${N}/states/provision`, { target, ...more }, version);
const node = (more: object = {}) => post('/nodes', { driver: 'fake-hardware', uuid: id(1), name: 'one', ...more });
const NO_STEP = [{ interface: 'deploy', step: 'nope' }];
const NO_DEPLOY_STEP = [{ interface: 'deploy', step: 'nope', args: {}, priority: 1 }];
const HOLD = [{ interface: 'deploy', step: 'hold' }];

const manageable: Step[] = [verb('manage'), wait('one', 'manageable')];
const available: Step[] = [...manageable, verb('provide'), wait('one', 'available')];
const active: Step[] = [...available, verb('active'), wait('one', 'active')];

/** Every way to a state that rests, with what an operator may ask there. The rest is asked, and must be refused alike. */
const STATES: readonly (readonly [state: string, way: readonly Step[], allowed: readonly string[]])[] = [
  ['enroll', [node()], ['manage']],
  ['manageable', [node(), ...manageable], ['provide', 'inspect', 'clean', 'adopt']],
  ['available', [node(), ...available], ['manage', 'active', 'deploy']],
  ['active', [node(), ...active], ['rebuild', 'deleted', 'undeploy', 'rescue', 'service']],
  [
    'clean failed',
    [node(), ...manageable, verb('clean', { clean_steps: NO_STEP }), wait('one', 'clean failed')],
    ['manage'],
  ],
  [
    'service failed',
    [
      node(),
      ...active,
      verb('service', { service_steps: NO_STEP }),
      wait('one', 'service failed'),
      get(`${N}?fields=maintenance,maintenance_reason,fault`),
      del(`${N}/maintenance`),
    ],
    ['abort', 'service', 'rescue', 'deleted', 'undeploy'],
  ],
  [
    'rescue',
    [node(), ...active, verb('rescue', { rescue_password: 'p' }), wait('one', 'rescue')],
    ['rescue', 'unrescue', 'deleted', 'undeploy'],
  ],
];
const VERBS = [
  'manage',
  'provide',
  'inspect',
  'clean',
  'adopt',
  'active',
  'deploy',
  'rebuild',
  'deleted',
  'undeploy',
  'rescue',
  'unrescue',
  'service',
  'abort',
  'unhold',
];
const FULL: Record<string, object> = {
  clean: { clean_steps: HOLD },
  service: { service_steps: HOLD },
  rescue: { rescue_password: 'p' },
};
const look = [
  get(`${N}/states`),
  get(
    `${N}?fields=provision_state,target_provision_state,maintenance,fault,last_error,clean_step,deploy_step,service_step,reservation,power_state`,
  ),
];

const refusals: readonly Scenario[] = STATES.map(([state, way, allowed]) => ({
  name: `in ${state}`,
  steps: [
    ...way,
    ...look,
    ...VERBS.filter((name) => !allowed.includes(name)).map((name) => verb(name, FULL[name])),
    patch(N, [add('/extra/a', 1)]),
    patch(N, [replace('/resource_class', 'rc')]),
    patch(N, [replace('/resource_class', 'other')]),
    patch(N, [replace('/deploy_interface', 'ramdisk')]),
    patch(N, [add('/instance_uuid', id(50))]),
    patch(N, [replace('/protected', true)]),
    patch(N, [replace('/protected', false)]),
    patch(N, [replace('/retired', true)]),
    patch(N, [replace('/retired', false)]),
    patch(N, [remove('/instance_uuid')]),
    ...(['manageable', 'enroll', 'available'].includes(state) ? [] : [del(N)]),
    get(`${N}?fields=provision_state,maintenance`),
  ],
}));

/** From enrolment to an instance and back, as a client of that version does it. */
function life(version: string): Scenario {
  const to = (target: string, ...ends: string[]): Step[] => [
    verb(target, {}, version),
    wait('one', ...ends),
    get(`${N}/states`, version),
  ];
  const start = Number(version.slice(2)) < 11 ? [] : [...to('manage', 'manageable'), ...to('provide', 'available')];
  return {
    name: `life at ${version}`,
    steps: [
      post('/nodes', { driver: 'fake-hardware', uuid: id(1), name: 'one' }, version),
      get(`${N}/states`, version),
      ...start,
      ...to('active', 'active'),
      ...to('rebuild', 'active'),
      ...to('deleted', 'available'),
      ...to('manage', 'manageable'),
      get(N, version),
      del(N),
      get(N, version),
    ],
  };
}

export const STATES_AND_VERBS: readonly Scenario[] = [
  ...refusals,
  {
    name: 'provision requests to a manageable node',
    steps: [
      node(),
      ...manageable,
      ...[
        {},
        { target: 'nope' },
        { target: null },
        { target: 5 },
        { target: 'provide', nope: 1 },
        { target: 'provide', clean_steps: HOLD },
        { target: 'provide', configdrive: 'eA==' },
        { target: 'provide', rescue_password: '' },
        { target: 'clean' },
        { target: 'clean', clean_steps: null },
        { target: 'clean', clean_steps: [] },
        { target: 'clean', clean_steps: 'x' },
        { target: 'clean', clean_steps: [{}] },
        { target: 'clean', clean_steps: [{ interface: 'deploy' }] },
        { target: 'clean', clean_steps: [{ interface: 'nope', step: 'x' }] },
        { target: 'clean', clean_steps: [{ interface: 'deploy', step: 'x', nope: 1 }] },
        { target: 'clean', clean_steps: [{ interface: 'deploy', step: 'x', args: 5 }] },
        { target: 'clean', runbook: '' },
        { target: 'clean', runbook: 'absent' },
        { target: 'clean', runbook: 'absent', clean_steps: HOLD },
        { target: 'clean', service_steps: HOLD },
        { target: 'clean', clean_steps: HOLD, disable_ramdisk: 'x' },
        { target: 'clean', clean_steps: HOLD, rescue_password: 'x' },
        { target: 'active', configdrive: '!!' },
        { target: 'rescue', rescue_password: ' ' },
      ].map((body) => put(`${N}/states/provision`, body)),
      verb('clean', { clean_steps: HOLD, disable_ramdisk: true }, '1.69'),
      verb('clean', { runbook: 'x' }, '1.91'),
      put('/nodes/absent/states/provision', { target: 'manage' }),
      put(`/nodes/${id(99)}/states/provision`, { target: 'manage' }),
      patch(N, [replace('/retired', true)]),
      verb('provide'),
      patch(N, [replace('/retired', false)]),
      put(`${N}/maintenance`),
      verb('clean', { clean_steps: HOLD }),
      del(`${N}/maintenance`),
      verb('provide', { clean_steps: [], deploy_steps: [], configdrive: '', service_steps: null }),
      wait('one', 'available'),
      get(`${N}/states`),
    ],
  },
  {
    name: 'provision requests to an available node',
    steps: [
      node(),
      ...available,
      put(`${N}/maintenance`),
      verb('active'),
      del(`${N}/maintenance`),
      ...[
        { target: 'active', configdrive: '!!' },
        { target: 'active', configdrive: 5 },
        { target: 'active', configdrive: [] },
        { target: 'active', configdrive: { nope: 1 } },
        { target: 'active', configdrive: { meta_data: 5 } },
        { target: 'active', deploy_steps: 'x' },
        { target: 'active', deploy_steps: [{}] },
        { target: 'active', deploy_steps: [{ interface: 'deploy', step: 'x', args: {} }] },
        { target: 'active', deploy_steps: [{ interface: 'deploy', step: 'x', args: {}, priority: -1 }] },
        { target: 'active', clean_steps: HOLD },
        { target: 'active', rescue_password: 'x' },
        { target: 'active', disable_ramdisk: true },
        { target: 'deploy', configdrive: 'eA==' },
      ].map((body) => put(`${N}/states/provision`, body)),
      verb('active', { configdrive: { meta_data: {} } }, '1.55'),
      verb('active', { configdrive: { vendor_data: {} } }, '1.58'),
      verb('active', { deploy_steps: NO_DEPLOY_STEP }, '1.68'),
      verb('deploy', {}, '1.72'),
      get(`${N}/states`),
      verb('active', { configdrive: { meta_data: {} } }),
      wait('one', 'active'),
      get(`${N}?fields=provision_state,instance_info`),
      verb('rebuild', { configdrive: 'eA==' }, '1.34'),
      verb('service', { service_steps: HOLD }, '1.86'),
      verb('service', { service_steps: HOLD, disable_ramdisk: true }, '1.107'),
      verb('unhold', {}, '1.84'),
      verb('rescue', { rescue_password: 'x' }, '1.37'),
      get(`${N}/states`),
    ],
  },
  ...['1.5', '1.10', '1.38', '1.73', NEWEST].map((version) => life(version)),
  {
    name: 'holds of pretended hardware',
    steps: [
      node(),
      ...manageable,
      verb('clean', { clean_steps: HOLD }),
      wait('one', 'manageable', 'clean hold'),
      get(`${N}?fields=provision_state,target_provision_state,clean_step,maintenance`),
    ],
  },
  {
    name: 'power',
    steps: [
      node(),
      ...manageable,
      ...[
        {},
        { target: 'on' },
        { target: 'reboot' },
        { target: null },
        { target: 'power on', timeout: 0 },
        { target: 'power on', timeout: 'x' },
        { target: 'power on', nope: 1 },
        { target: 'power on', timeout: -5 },
      ].map((body) => put(`${N}/states/power`, body)),
      ...['power on', 'power on', 'rebooting', 'soft rebooting', 'soft power off', 'power off'].flatMap((target) => [
        put(`${N}/states/power`, { target }),
        { until: `/v1${N}`, field: 'target_power_state', is: [null] },
        get(`${N}/states`),
      ]),
      put(`${N}/states/power`, { target: 'power on', timeout: 5 }),
      { until: `/v1${N}`, field: 'power_state', is: ['power on'] },
      patch(N, [replace('/disable_power_off', true)]),
      put(`${N}/states/power`, { target: 'power off' }),
      put(`${N}/states/power`, { target: 'soft power off' }),
      patch(N, [replace('/disable_power_off', false)]),
      put('/nodes/absent/states/power', { target: 'power on' }),
    ],
  },
];
