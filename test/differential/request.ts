/** One request of the list. `version` null = no version header. */
export interface Ask {
  readonly method: string;
  readonly path: string;
  readonly version: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
/** Asks again until a field has one of the values. Its answers are not compared. */
export interface Wait {
  readonly until: string;
  readonly field: string;
  readonly is: readonly unknown[];
}
export type Step = Ask | Wait;
/** Starts and ends on an empty server. */
export interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
}
export interface Patch {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

export const NEWEST = '1.115';
type Version = string | null;

const ask =
  (method: string) =>
  (path: string, body?: unknown, version: Version = NEWEST): Ask => ({
    method,
    path: `/v1${path}`,
    version,
    ...(body === undefined ? {} : { body }),
  });
export const post = ask('POST');
export const put = ask('PUT');
export const patch = ask('PATCH');
export const del = ask('DELETE');
export const get = (path: string, version: Version = NEWEST): Ask => ask('GET')(path, undefined, version);
/** Any path and headers, without `/v1` in front. */
export const raw = (method: string, path: string, headers: Record<string, string> = {}, body?: unknown): Ask => ({
  method,
  path,
  version: null,
  headers,
  ...(body === undefined ? {} : { body }),
});
export const add = (path: string, value: unknown): Patch => ({ op: 'add', path, value });
export const replace = (path: string, value: unknown): Patch => ({ op: 'replace', path, value });
export const remove = (path: string): Patch => ({ op: 'remove', path });
export const wait = (node: string, ...is: string[]): Wait => ({
  until: `/v1/nodes/${node}`,
  field: 'provision_state',
  is,
});
/** The only UUIDs that both servers share; every other one is theirs. */
export const id = (number: number): string => `d1ff0000-0000-4000-8000-${String(number).padStart(12, '0')}`;
export const isWait = (step: Step): step is Wait => 'until' in step;

/** What a person, a recording and a deliberate difference call a request. */
export function lineOf(scenario: string, { method, path, version, body, headers }: Ask): string {
  const more = headers === undefined ? '' : ` ${JSON.stringify(headers)}`;
  const sent = body === undefined ? '' : ` ${JSON.stringify(body)}`;
  return `${scenario}: ${method} ${path}${version === null ? '' : ` @${version}`}${more}${sent}`;
}
