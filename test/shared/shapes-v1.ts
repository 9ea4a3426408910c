/** Items as releases wrote them before there was a version attribute. Never edited: they are what old tables hold. */
export const NODE = '1be26c0b-03f2-4d2e-ae87-c02d7f33c121';
export const PORT = '2be26c0b-03f2-4d2e-ae87-c02d7f33c122';
export const CHASSIS = '3be26c0b-03f2-4d2e-ae87-c02d7f33c123';
export const BOOT_FINGERPRINT = 'boot-1';
export const TOKEN_HASH = 'hash-of-the-token';
const CREATED = '2026-11-20T10:00:00.000000+00:00';
const MAC = '52:54:00:00:00:07';

export const NODES_TABLE = {
  node: {
    pk: 'node#1',
    sk: NODE,
    name: 'rack1-u7',
    driver: 'manual',
    created_at: CREATED,
    provision_state: 'available',
    properties: { serial_number: 'ABC1234' },
    interfaces: { deploy_interface: 'direct', power_interface: 'manual' },
    version: 4,
    macs: new Set([MAC]),
    serial: 'abc1234',
    written: 'a-write',
  },
  port: { pk: 'port#2', sk: PORT, address: MAC, node_uuid: NODE, created_at: CREATED, version: 1 },
  resource: {
    pk: 'chassis#3',
    sk: CHASSIS,
    version: 1,
    fields: { description: 'rack 1', extra: {}, created_at: CREATED, updated_at: null },
  },
  claim: { pk: 'claim#name#rack1-u7', sk: 'claim', owner: NODE },
  event: {
    pk: `events#${NODE}`,
    sk: '0000000004#00#4be26c0b-03f2-4d2e-ae87-c02d7f33c126',
    event_type: 'transition',
    event: 'manageable → available',
    severity: 'INFO',
    user: 'run',
    created_at: CREATED,
    detail: { run: null, step: null },
  },
};
export const SECRETS_TABLE = { secret: { node: NODE, values: { ipmi_password: 'planted' } } };
export const AGENTS_TABLE = {
  session: { node: NODE, part: 'session', g: 3, b: 12, t: 0, a: 1, i: 60, h: TOKEN_HASH, c: BOOT_FINGERPRINT },
  boot: { node: NODE, part: `boot#3#${BOOT_FINGERPRINT}`, url: 'https://10.0.0.5:9999', started: 1, expires: 9e9 },
};
