import { implementationOf, sameAs } from '../drivers/implementation.ts';
import { hardwareType } from '../drivers/registry.ts';
import type { HookTarget } from '../hook/hook-port.ts';
import type { JsonObject } from '../json.ts';
import type { Node } from '../node/node.ts';
import { AGENT_ROWS } from './agent-rows.ts';
import { BOOT_DEVICE_ROWS } from './boot-device-rows.ts';
import { FAKE_ROWS } from './fake-rows.ts';
import { hookRows } from './hook-rows.ts';
import { REDFISH_ROWS } from './redfish-rows.ts';
import type { Audience, Subject, VendorMethod } from './vendor-method.ts';

/** Every vendor method of both APIs and both subjects: one table. */
export const VENDOR_TABLE: readonly VendorMethod[] = [
  ...FAKE_ROWS,
  ...REDFISH_ROWS,
  ...BOOT_DEVICE_ROWS,
  ...AGENT_ROWS,
];

/** With what the hooks of a configuration offer. */
export function tableWith(hooks: Readonly<Record<string, HookTarget>>): readonly VendorMethod[] {
  return [...VENDOR_TABLE, ...Object.entries(hooks).flatMap(([name, target]) => hookRows(name, target))];
}

/** Which rows a caller may know of. */
export interface Scope {
  subject: Subject['kind'];
  /** The vendor interface of the node, or the driver's default; `*`: any. */
  vendor: string;
  /** The hook that the node names. */
  hook?: string | undefined;
  audience: Audience;
}

/** The rows of a scope; anything else does not exist for the caller. */
export function rowsOf(scope: Scope, table: readonly VendorMethod[] = VENDOR_TABLE): readonly VendorMethod[] {
  return table.filter(
    (row) =>
      row.audience === scope.audience &&
      row.subject === scope.subject &&
      (row.vendor === '*' || scope.vendor === '*' || row.vendor === scope.vendor) &&
      (row.hook === undefined || scope.vendor === '*' || row.hook === scope.hook),
  );
}

/** What a caller may know of a node. */
export function nodeScope(node: Node, audience: Audience): Scope {
  const { hook } = node.driver_info;
  return {
    subject: 'node',
    vendor: implementationOf(node, 'vendor'),
    hook: typeof hook === 'string' ? hook : undefined,
    audience,
  };
}

/** Nodeless calls go to the driver's default vendor interface. Throws `NotFound` for an unknown driver. */
export function driverScope(driver: string, audience: Audience): Scope {
  return { subject: 'driver', vendor: sameAs(hardwareType(driver).interfaces.vendor.default), audience };
}

/** The listing: `{}` for `no-vendor`. Clients' schemas allow `require_exclusive_lock` at the node only. */
export function methodsOf(scope: Scope, table: readonly VendorMethod[] = VENDOR_TABLE): JsonObject {
  const listing: JsonObject = {};
  for (const row of rowsOf(scope, table)) {
    listing[row.name] = {
      http_methods: [...row.verbs],
      async: row.async,
      description: row.description,
      attach: row.attach,
      ...(row.subject === 'node' && { require_exclusive_lock: row.requireExclusiveLock }),
    };
  }
  return listing;
}
