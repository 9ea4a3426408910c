import { InvalidInput } from '../errors.ts';
import { macsOf, normaliseMac, oneOf } from '../identity/evidence.ts';
import { fits } from '../identity/ignored-values.ts';
import { SUBMISSION_STATES, type Submission, WAITING } from './submission.ts';

/** Keys of a filter of the inbox; texts are globs, in which `*` stands for any text. */
export const FILTERS = ['state', 'mac', 'serial', 'vendor', 'model', 'policy', 'reason'] as const;
export type InboxFilter = Partial<Record<(typeof FILTERS)[number], string>>;

/** Whether a row is meant. Without a state: what waits for a person; `all` is every state. Throws InvalidInput. */
export function matches(filter: InboxFilter): (row: Submission) => boolean {
  const { state, mac, serial, vendor, model, policy, reason } = filter;
  const known = state === undefined || state === 'all' || SUBMISSION_STATES.some((one) => one === state);
  if (!known) throw new InvalidInput(`state: expected all or one of ${SUBMISSION_STATES.join(', ')}`);
  const address = mac === undefined ? undefined : (normaliseMac(mac) ?? mac.toLowerCase());
  const like = (glob: string | undefined, value: unknown): boolean =>
    glob === undefined || (value != null && fits(glob.toLowerCase(), String(value).toLowerCase()));
  return (row) =>
    (state === 'all' || (state === undefined ? WAITING.includes(row.state) : row.state === state)) &&
    (address === undefined || macsOf(row.evidence).some((one) => fits(address, one))) &&
    like(serial, oneOf(row.evidence, 'system_serial')) &&
    like(vendor, row.evidence.profile['vendor']) &&
    like(model, row.evidence.profile['model']) &&
    like(policy, row.policy) &&
    like(reason, row.reason);
}
