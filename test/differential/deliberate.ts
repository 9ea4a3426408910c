import type { Json } from './normalise.ts';

export interface Pair {
  /** Undefined = not there. */
  ironic: Json | undefined;
  nodeless: Json | undefined;
  /** What Nodeless answered with. */
  status: number;
}
/** Where Nodeless answers otherwise on purpose. All three must hold; one that explains nothing any more fails the test. */
export interface Deliberate {
  /** Of the line: `node create: POST /v1/nodes @1.115 {…}`. */
  readonly request: RegExp;
  /** Of the place: `status`, `header allow`, `body.nodes[0].name`. */
  readonly at: RegExp;
  /** What still has to be right of the two values. */
  readonly when: (pair: Pair) => boolean;
  readonly reason: string;
}

const values =
  (ironic: Json | undefined, nodeless: Json | undefined) =>
  (pair: Pair): boolean =>
    pair.ironic === ironic && pair.nodeless === nodeless;
const ABSENT = undefined;
const EVERY = /^/;

const row = (request: RegExp, at: RegExp, when: Deliberate['when'], reason: string): Deliberate => ({
  request,
  at,
  when,
  reason,
});
const status = (request: RegExp, ironic: number, nodeless: number, reason: string): Deliberate =>
  row(request, /^status$/, values(ironic, nodeless), reason);

const text = (json: Json | undefined): json is string => typeof json === 'string' && json !== '';
const paging = (url: string) => {
  const { searchParams } = new URL(url.replace('<api>', 'http://api'));
  return `${searchParams.get('limit')} ${searchParams.get('marker')}`;
};
const isNextLink = (json: Json | undefined): boolean =>
  /^\[\{"href":"<api>[^"]+","rel":"next"\}\]$/.test(JSON.stringify(json));
const SUPPORTED: Readonly<Record<string, RegExp>> = { minimum: /^1\.1$/, maximum: /^1\.115$/, echo: /^1\.\d{1,3}$/ };
const version = (kind: string) => (pair: Pair) =>
  pair.status >= 400 && pair.ironic === ABSENT && text(pair.nodeless) && SUPPORTED[kind]?.test(pair.nodeless) === true;

export const DELIBERATE: readonly Deliberate[] = [
  // The protocol
  row(
    EVERY,
    /^body\.next$/,
    ({ ironic, nodeless }) => text(ironic) && text(nodeless) && paging(ironic) === paging(nodeless),
    "T8: Ironic's next drops filters, and the node of a list below it; ours is the client's own with the same marker",
  ),
  row(
    EVERY,
    /^body\.\w+_links$/,
    ({ ironic, nodeless }) => ironic === ABSENT && isNextLink(nodeless),
    'T7: gophercloud reads only <collection>_links, so a page says where the next one is twice',
  ),
  row(
    EVERY,
    /^body\.error_message\.says$/,
    values(false, true),
    'an error says what is wrong, also where Ironic has no sentence for it',
  ),
  row(
    /^negotiation: GET \/v1\/nodes \{"Accept"/,
    /^body\.error_message$/,
    ({ ironic }) => ironic === '<not JSON>',
    'an error is JSON in JSON also for who accepts no JSON: clients unwrap it twice (T6)',
  ),
  row(
    EVERY,
    /^header x-openstack-ironic-api-minimum-version$/,
    version('minimum'),
    'T24: version headers on every error',
  ),
  row(EVERY, /^header x-openstack-ironic-api-maximum-version$/, version('maximum'), 'T24: the range on every error'),
  row(
    EVERY,
    /^header x-openstack-ironic-api-version$/,
    version('echo'),
    'T24: the echo on every error of an agreed version',
  ),
  row(
    EVERY,
    /^header allow$/,
    (pair) => pair.status === 405 && text(pair.nodeless),
    'Allow names the methods of the path; Ironic names those of a neighbour, or none',
  ),
  row(
    /^discovery: GET \/ /,
    /^body\.(name|description)$/,
    ({ nodeless }) => text(nodeless),
    'Nodeless says its own name',
  ),
  row(
    /^discovery: GET \/v1/,
    /^body\.links\[1\]\.href$/,
    ({ nodeless }) => nodeless === 'https://docs.openstack.org/api-ref/baremetal/',
    'describedby leads to the API reference, not to a page with two slashes in its path',
  ),
  status(/^discovery: (POST|PUT|PATCH|DELETE) \/ /, 200, 405, 'the root document is read only'),
  status(/^negotiation: GET \/v1\/absent .*1\.999/, 406, 404, 'a path that no version has is 404 whatever the version'),

  // T23: Ironic 39 breaks
  status(
    /^(bodies|node patch, where Ironic fails|node lists: GET \/v1\/nodes\?fields|inspection rules: POST|provision requests to an? \w+ node: PUT .*_steps":\[\{|vendor passthru: POST \/v1\/drivers)/,
    500,
    400,
    'T23: a mistake of the caller is 400, never 500',
  ),
  status(
    /^(paths: GET \/v1\/\/nodes|below their version: GET \S+\/children) /,
    500,
    404,
    'T23: what is not there is 404, never 500',
  ),
  status(
    /^(methods: |management: GET \S+\/states\/boot_mode )/,
    500,
    405,
    'T23: a method that a path lacks is 405, never 500',
  ),
  status(
    /"remove","path":"\/(conductor_group|conditions)"|\/v1\/(shards|nodes\/one\/traits)\?|"replace","path":"\/node_uuid"/,
    500,
    200,
    'T23: Ironic 39 breaks on a request that means something, or on a query that it ignores elsewhere',
  ),
  status(
    /^inspection rules: (POST \/v1\/inspection_rules \S+ \{"actions"|DELETE \/v1\/inspection_rules @)/,
    500,
    201,
    'T23: a rule without a description is a rule',
  ),
  status(/"target":"rebuild"\}$/, 500, 202, 'T23: a rebuild without an automatic lessee'),
  status(/^inspection rules: DELETE \/v1\/inspection_rules @/, 500, 204, 'T23: all rules can be removed at once'),
  row(
    /^inspection rules: /,
    /links$/,
    ({ ironic, nodeless }) =>
      text(ironic) && text(nodeless) && ironic.replace('inspection/', 'inspection_rules/') === nodeless,
    "T23: Ironic's links of inspection rules lead nowhere",
  ),
  status(
    /nodes\/one\/ports|portgroups\/bond\/ports|nodes\/one\/volume\/connectors/,
    404,
    200,
    'T23: a name does wherever a UUID does',
  ),

  // Paths and methods
  status(
    /^paths: GET \/v1\/nodes\/(\S+\/nope|no such|bad%20name) /,
    400,
    404,
    'an ident that no resource can have is 404',
  ),
  status(
    /^methods: (PATCH|DELETE) \/v1\/\w+ /,
    400,
    405,
    "a collection lacks the method; Ironic's Pecan misses an ident",
  ),
  status(
    /^methods: (POST \/v1\/nodes\/[\w-]+(\/validate)?|PATCH \S+\/validate\/|DELETE \S+\/vifs) /,
    400,
    405,
    'a method that the path lacks is 405; Pecan looks at arguments first',
  ),
  status(/^ports: POST \/v1\/nodes\/\S+\/ports /, 400, 405, "the list of a node's ports is read only"),
  status(/^management: PUT \S+\/states\/nope /, 405, 404, 'there is no such state'),
  status(/management\/indicators @1\.62/, 200, 404, 'T32: indicators came with 1.63; Ironic forgot to look'),

  // T32: newer than the version
  status(
    /description_contains|retired=|conductor_groups=|\/v1\/ports\/\S+ @1\.87 .*"\/name"/,
    200,
    406,
    'T32: what is newer than the version is 406 for every argument and field; Ironic forgot some',
  ),
  status(
    /^port group create: .* @1\.102 .*"category"/,
    201,
    406,
    'T32: category came with 1.103; Ironic forgot to look',
  ),
  status(/^vifs: POST .* @1\.66 .*"port_uuid"/, 204, 406, 'T32: port_uuid came with 1.67; Ironic forgot to look'),
  status(/\?detail=true @1\.(42|73)$/, 400, 406, 'T32: an argument newer than the version is 406, not unknown'),
  status(
    /^runbooks: POST .* @1\.111 .*"description"/,
    400,
    406,
    'T32: a field newer than the version is 406, not unknown',
  ),
  status(/^ports: GET \/v1\/ports\/port-one @1\.87/, 200, 400, 'port names came with 1.88'),

  // What is kept otherwise
  row(
    /^node create: .*"D1FF0000-/,
    /^(header location|body\.(uuid|links|ports|portgroups|volume|states))$/,
    ({ ironic, nodeless }) => text(ironic) && ironic.replace('D1FF', 'd1ff') === nodeless,
    'a UUID is kept in lower case, so that one node has one spelling',
  ),
  row(
    /^node create: /,
    /^body\.driver_info\.nested$/,
    ({ nodeless }) => nodeless === '******',
    "a secret's name hides the whole value below it, not only its leaves",
  ),
  row(
    /^node create: .*"display_name"/,
    /^body\.instance_name$/,
    values(null, 'shown'),
    'display_name fills instance_name at once, in Ironic at the next change',
  ),
  status(
    /^node create: .*(redfish-virtual-media|"retired_reason"|"cpus":"many")/,
    201,
    400,
    'values that Ironic stores and stumbles over later are refused at once',
  ),
  status(/^node patch.*"\/properties\/cpus"/, 200, 400, 'amounts are checked in a patch as in a create'),
  status(/^port.*"remove","path":"\/node_uuid"/, 200, 400, 'a port or port group belongs to a node'),
  row(
    /^node patch.*"remove","path":"\/retired"/,
    /^body\.retired$/,
    values(null, false),
    'a boolean that was removed is false',
  ),
  row(
    /^deploy templates: POST .*"priority":"5"/,
    /^body\.steps\[0\]\.priority$/,
    values('5', 5),
    'a number is a number at once, in Ironic from the next read on',
  ),
  row(
    /^allocations: PATCH .*"remove","path":"\/instance_uuid"/,
    /^body\.instance_info\.traits$/,
    ({ ironic, nodeless }) => JSON.stringify(ironic) === '[]' && nodeless === ABSENT,
    'the traits that an allocation wrote go with it',
  ),
  status(/"replace","path":"\/uuid"/, 404, 400, 'a UUID cannot be patched, whatever the resource'),
  status(
    /^traits: PUT .*HW_NOT_A_TRAIT/,
    400,
    204,
    'standard traits are known by their namespace: a list of them ages, and refuses what a newer os-traits has',
  ),

  // Nodes in flight
  row(
    /: PATCH \/v1\/nodes\//,
    /^body\.reservation$/,
    values('<conductor>', null),
    'Ironic shows the lock of the patch itself in its answer; nobody holds the node then',
  ),
  row(
    /^node patch: PATCH \S+ @1\.115 \[\]$/,
    /^body\.updated_at$/,
    values('<time>', null),
    'an empty patch changes nothing',
  ),
  row(
    EVERY,
    /^body(\.nodes\[\d\])?\.power_state$/,
    ({ ironic, nodeless }) => ironic === null && (nodeless === 'power off' || nodeless === 'power on'),
    'T19: power is known after verifying; pretended power of Ironic is null until it is switched or synced',
  ),
  row(
    /: (PATCH|GET) \/v1\/nodes\//,
    /^body\.driver_internal_info\.\w+$/,
    () => true,
    'driver_internal_info is what a conductor notes for itself; no client reads it',
  ),
  row(
    /^in service failed: GET /,
    /^body\.(maintenance|maintenance_reason|fault)$/,
    ({ nodeless }) => nodeless === false || nodeless === null,
    'T38: an unknown step is found before anything ran; a fault that nobody clears would block every verb',
  ),
  row(
    /^in rescue: PATCH /,
    /^body\.instance_info\.(hashed_)?rescue_password$/,
    values('******', ABSENT),
    'a rescue password is kept as a secret of the run, not in the node',
  ),

  row(
    /^holds of pretended hardware: GET /,
    /^body\.(target_)?provision_state$/,
    ({ nodeless }) => nodeless === 'clean hold' || nodeless === 'manageable',
    "a hold holds until unhold, as on real hardware; Ironic's pretended deploy takes it for a step that has ended",
  ),

  // What pretended hardware can do, and which drivers there are
  row(
    /^management: /,
    /^(body\.supported_boot_devices\[1\]|body\.boot_device|body\.persistent)$/,
    ({ nodeless }) => nodeless === 'disk' || nodeless === true,
    'pretended management takes a disk too: the machines of the demo boot from what it was told',
  ),
  status(/^management: PUT .*boot_device.*"disk"/, 400, 204, 'pretended management takes a disk too'),
  status(
    /^management: PUT \S+\/states\/(boot_mode|secure_boot) /,
    202,
    400,
    'what the hardware cannot do is refused at once, not accepted and noted in last_error',
  ),
  row(
    /^RAID, BIOS, firmware, media: GET \S+\/history @/,
    /^body\.history\[\d\](\.severity)?$/,
    ({ ironic }) => ironic !== ABSENT,
    'what happened was other: no medium was fetched in vain, and being created is an event',
  ),
  row(
    /^RAID, BIOS, firmware, media: GET \S+\/history @/,
    /^body\.history\[\d+\]$/,
    ({ ironic, nodeless }) => ironic === ABSENT && typeof nodeless === 'object',
    'what an operator does to a machine or its records is an event, where Ironic writes none',
  ),
  row(
    /^vendor passthru: GET \S+\/methods /,
    /^body\.(capabilities|set_boot_device)$/,
    ({ ironic, nodeless }) => ironic === ABSENT && typeof nodeless === 'object',
    'methods of Nodeless beside those of Ironic',
  ),
  row(
    /^drivers and conductors: GET \/v1\/(drivers|conductors)/,
    /^body\.(drivers|conductors\[0\]\.drivers)\[\d\](\.name|\.links)?$/,
    () => true,
    'hardware types: fake-hardware, ipmi and redfish are in both, manual and hook are ours, idrac is not enabled there',
  ),
  row(
    /^drivers and conductors: GET \/v1\/drivers\/fake-hardware /,
    /^body\.enabled_management_interfaces\[\d\]$/,
    ({ ironic, nodeless }) => ironic === ABSENT && nodeless === 'noop',
    'noop is enabled for management too',
  ),
  row(
    /^drivers and conductors: GET \/v1\/drivers\/fake-hardware /,
    /^body\.enabled_deploy_interfaces\[\d\]$/,
    ({ nodeless }) => ['custom-agent', 'direct', 'fake', 'ramdisk'].includes(String(nodeless)),
    'custom-agent, which that Ironic does not enable, is one name more in the sorted list',
  ),
];
