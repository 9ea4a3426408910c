import type { JsonObject } from '../node/node.ts';
import { AGENT_ROWS } from './agent-rows.ts';
import { FAKE_ROWS } from './fake-rows.ts';
import { REDFISH_ROWS } from './redfish-rows.ts';
import type { Audience, Subject, VendorMethod } from './vendor-method.ts';

/** Every vendor method of both APIs and both subjects: one table. */
export const VENDOR_TABLE: readonly VendorMethod[] = [...FAKE_ROWS, ...REDFISH_ROWS, ...AGENT_ROWS];

/** Which rows a caller may know of. */
export interface Scope {
  subject: Subject['kind'];
  /** The vendor interface of the node, or the driver's default. */
  vendor: string;
  audience: Audience;
}

/** The rows of a scope; anything else does not exist for the caller. */
export function rowsOf(scope: Scope, table: readonly VendorMethod[] = VENDOR_TABLE): readonly VendorMethod[] {
  return table.filter(
    (row) =>
      row.audience === scope.audience &&
      row.subject === scope.subject &&
      (row.vendor === '*' || row.vendor === scope.vendor),
  );
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
