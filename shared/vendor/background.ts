import type { JsonObject } from '../json.ts';

/** A call that goes on after its 202, wherever it is carried out. Its outcome is kept as `running` already. */
export interface VendorTask {
  call: string;
  method: string;
  httpMethod: string;
  subject: { node: string } | { driver: string };
  audience: 'operator' | 'agent';
  /** Name of the operator who called, if it was one. */
  user: string | null;
  arguments: JsonObject;
  key: string;
}

/** Where work goes on that is longer than a request. Throws `Unavailable` when it could not be begun. */
export interface Background {
  begin(task: VendorTask): Promise<void>;
}

/** Less than a Lambda may last, and far less than anybody should wait without a run. */
export const BACKGROUND_LIMIT_MS = 240_000;
/** After this time a call that says `running` has died with its process. */
export const LOST_AFTER_MS = BACKGROUND_LIMIT_MS + 60_000;
