import type { LogFields } from '../shared/log.ts';

/** HTTP as any server or gateway gives it. */
export interface RawRequest {
  method: string;
  /** Percent-encoded, without the stage prefix and without the query. */
  path: string;
  rawQuery: string;
  headers: Record<string, string | undefined>;
  body: string | Uint8Array | undefined;
  publicUrl: string;
  sourceIp: string;
  /** ARN of whoever signed the request, as a gateway found out. No header says it. */
  principal?: string;
}
export interface RawResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** Instead of `body`. */
  bytes?: Uint8Array;
}

/** A request after the gateway's event was parsed: what every handler of both APIs receives. */
export interface ApiRequest {
  method: string;
  /** Without the stage prefix, percent-decoded per segment, no trailing slash. `/v1/nodes/x`. */
  path: string;
  params: Record<string, string>;
  /** Last value wins; `addresses=a&addresses=b` is rare enough to be refused. */
  query: Record<string, string>;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** Parsed JSON, or undefined when there was no body. */
  body: unknown;
  /** What links must show: scheme, host, stage prefix, no trailing slash. */
  publicUrl: string;
  sourceIp: string;
  requestId: string;
  /** Microversion minor in effect, 1..115; 1 when the caller sent none. */
  minor: number;
  /** Whether the caller sent a version header at all. */
  versioned: boolean;
  /** Name of the authenticated operator, or null. */
  user: string | null;
}

export interface ApiResponse {
  status: number;
  headers?: Record<string, string>;
  /** JSON-serialised when present; absent = empty body without content type. */
  body?: unknown;
  /** Instead of `body`: sent as it is, with the content type that `headers` says. */
  text?: string;
  /** Likewise, for what is no text. */
  bytes?: Uint8Array;
  /** What the request's one log line says beside method, route and status. */
  journal?: LogFields;
  /** For a route that is an act: the node that it acted on, where the path names none. False: nothing was done. */
  acted?: string | false;
}

export type Role = 'public' | 'agent' | 'reader' | 'member' | 'admin';

export interface Route {
  method: string;
  /** `/v1/nodes/{node}`; `{name+}` takes the rest. */
  path: string;
  api: 'agent' | 'operator';
  role: Role;
  /** Which handler: `agent/lookup`, `operator/nodes#show`. */
  handler: string;
  /** Bytes of body allowed. Default 1 MiB. */
  bodyLimitBytes?: number;
  summary: string;
  /** An operator's act on a node, which has no event of its own: what of query and body its history shows. */
  act?: readonly string[];
}
