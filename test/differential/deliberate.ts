import type { Answer } from './normalise.ts';

/** Where Nodeless answers otherwise on purpose. Both patterns must match; one that matches nothing any more fails the test. */
export interface Deliberate {
  /** Of the line: `node create: POST /v1/nodes @1.115 {…}`. */
  readonly request: RegExp;
  /** Of the place: `status`, `header allow`, `body.nodes[0].name`. */
  readonly at: RegExp;
  /** Where the difference is one of status. */
  readonly status?: readonly [ironic: Answer['status'], nodeless: Answer['status']];
  readonly reason: string;
}

export const DELIBERATE: readonly Deliberate[] = [
  {
    request: /^/,
    at: /^body\.next$/,
    reason: "T8: Ironic's next drops filters and adds defaults; ours is the query of the client with another marker",
  },
  {
    request: /^/,
    at: /^body\.error_message/,
    reason:
      'Ironic has two inner forms of an error, by where Pecan raised it; clients read both, ours follow the layer that refuses',
  },
  {
    request: /^/,
    at: /^header x-openstack-ironic-api-/,
    reason: 'T24: the version headers are on errors of routing too, so that a client can always negotiate',
  },
  {
    request: /^/,
    at: /^header allow$/,
    reason: "Allow names the methods that the path has; Ironic's names methods of other paths of the same controller",
  },
  {
    request: /^discovery: /,
    at: /^body\.(name|description)$/,
    reason: 'Nodeless says its own name',
  },
  {
    request: /^vendor passthru: GET .*\/methods/,
    at: /^body\.set_boot_device/,
    reason: 'set_boot_device is a vendor method too, wherever the driver can do it',
  },
  {
    request: /^discovery: /,
    at: /^body\.links\[1\]\.href$/,
    reason: 'describedby leads to the API reference, not to a page with two slashes in its path',
  },
  {
    request: /^discovery: (POST|PUT|PATCH|DELETE) \/ /,
    at: /^status$/,
    status: [200, 405],
    reason: 'the root document is read only',
  },
  {
    request: /^/,
    at: /^status$/,
    status: [500, 400],
    reason: 'T23: a mistake of the caller is 400, never 500',
  },
  {
    request: /^/,
    at: /^status$/,
    status: [500, 404],
    reason: 'T23: what is not there is 404, never 500',
  },
  {
    request: /^/,
    at: /^status$/,
    status: [500, 405],
    reason: 'T23: a method that a path lacks is 405, never 500',
  },
  {
    request: /^/,
    at: /^status$/,
    status: [500, 200],
    reason: 'T23: Ironic 39 breaks on this request, which says what it wants',
  },
  {
    request: /^/,
    at: /^status$/,
    status: [500, 204],
    reason: 'T23: Ironic 39 breaks on this request, which says what it wants: nothing to answer',
  },
  {
    request: /^methods: (PATCH|DELETE) \/v1\/\w+ /,
    at: /^status$/,
    status: [400, 405],
    reason: "a collection lacks the method; Ironic's Pecan takes it for a call without an ident",
  },
  {
    request: /^negotiation: GET \/v1\/absent /,
    at: /^status$/,
    status: [406, 404],
    reason: 'a path that no version has is 404 whatever the version',
  },
  {
    request: /(description_contains|retired|conductor_groups|"category"|"conductor_group"|"port_uuid"|"name")/,
    at: /^status$/,
    status: [200, 406],
    reason: 'T32: what is newer than the version is 406 for every argument and field; Ironic forgot some',
  },
  {
    request: /("category"|"conductor_group")/,
    at: /^status$/,
    status: [201, 406],
    reason: 'T32: a field newer than the version is 406 also where Ironic forgot it',
  },
  {
    request: /"port_uuid"/,
    at: /^status$/,
    status: [204, 406],
    reason: 'T32: port_uuid is newer than the version; Ironic forgot to look',
  },
  {
    request: /(detail=true|undeploy|unhold|service)/,
    at: /^status$/,
    status: [400, 406],
    reason: 'T32: what is newer than the version is 406 before anything else is looked at',
  },
  {
    request: /^paths: /,
    at: /^status$/,
    status: [400, 404],
    reason: 'a path that does not exist, or an ident that no resource can have, is 404',
  },
  {
    request: /^methods: GET \/v1\/events /,
    at: /^status$/,
    status: [405, 404],
    reason: "events are Neutron's, and there is none",
  },
  {
    request: /^node create: /,
    at: /^body\.driver_info\.nested$/,
    reason: "a secret's name hides the whole value below it, not only its leaves",
  },
  {
    request: /"D1FF0000-/,
    at: /(href|uuid|location)$/,
    reason: 'UUIDs are kept in lower case, so that one node has one spelling',
  },
  {
    request: /^node create: /,
    at: /^body\.(instance_name|resource_class)$/,
    reason: 'display_name fills instance_name at once (Ironic: at the next change); an empty class is kept as given',
  },
  {
    request: /redfish-virtual-media|"retired_reason"|"cpus":"many"/,
    at: /^status$/,
    status: [201, 400],
    reason: 'values that Ironic stores and stumbles over later are refused at once',
  },
  {
    request: /under_score/,
    at: /^status$/,
    status: [400, 201],
    reason: 'names below 1.10 follow the newer, wider rule',
  },
  {
    request: /^node patch/,
    at: /^body\.(reservation|updated_at)$/,
    reason: 'Ironic shows its own lock in the answer of a patch, and counts an empty one as a change',
  },
  {
    request: /^node patch/,
    at: /^body\.retired$/,
    reason: 'a boolean that was removed is false, not null',
  },
  {
    request: /"cpus",?|cpus/,
    at: /^status$/,
    status: [200, 400],
    reason: 'amounts are checked in a patch as in a create',
  },
  {
    request: /fields=uuid&detail=false/,
    at: /^status$/,
    status: [200, 400],
    reason: 'fields and detail exclude each other whatever detail says',
  },
  {
    request: /fault=none|fields=links|"remove","path":"\/mode"/,
    at: /^status$/,
    status: [400, 200],
    reason: 'a wish that can be met is met',
  },
  {
    request: /parent_node=/,
    at: /^status$/,
    status: [200, 404],
    reason: 'a parent that does not exist is said, not answered with an empty list',
  },
  {
    request: /chassis_uuid=/,
    at: /^status$/,
    status: [404, 200],
    reason: 'a filter that nothing matches is an empty list',
  },
  {
    request: /node=one&node_uuid=/,
    at: /^status$/,
    status: [200, 403],
    reason: 'two filters for one node exclude each other',
  },
  {
    request: /nodes\/one\/ports|portgroups\/bond\/ports|nodes\/one\/volume/,
    at: /^status$/,
    status: [404, 200],
    reason: 'T23: a name does wherever a UUID does',
  },
  {
    request: /POST \/v1\/nodes\/\S+\/ports /,
    at: /^status$/,
    status: [400, 405],
    reason: "the list of a node's ports is read only",
  },
  {
    request: /GET \/v1\/ports\/port-one @1.87/,
    at: /^status$/,
    status: [200, 400],
    reason: 'port names came with 1.88',
  },
  {
    request: /"remove","path":"\/node_uuid"/,
    at: /^status$/,
    status: [200, 400],
    reason: 'a port or port group belongs to a node',
  },
  {
    request: /"physical_network":""/,
    at: /^status$/,
    status: [201, 400],
    reason: 'an empty physical network is refused in port groups as in ports',
  },
  {
    request: /HW_NOT_A_TRAIT/,
    at: /^status$/,
    status: [400, 204],
    reason: 'standard traits are known by their prefix, not by a list that ages',
  },
  {
    request: /traits\/CUSTOM_D /,
    at: /^status$/,
    status: [204, 400],
    reason: 'a body where none belongs is refused (contract 2.5)',
  },
  {
    request: /^methods: /,
    at: /^status$/,
    status: [400, 405],
    reason: 'a method that the path lacks is 405; Pecan looks at arguments first',
  },
];
