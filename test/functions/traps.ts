/** Where each trap of the operator API's contract (operator-api.md §8) is held. The test has the name, the file runs it. */
export interface Trap {
  readonly id: string;
  readonly trap: string;
  readonly tests: readonly (readonly [file: string, test: string])[];
}

const HERE = 'test/functions/traps.test.ts';
const OPERATOR = 'test/functions/operator.test.ts';
const LIFECYCLE = 'test/shared/lifecycle.test.ts';
const HTTP = 'test/functions/http.test.ts';
const DIFFERENTIAL = 'test/differential/differential.test.ts';
const AS_IRONIC = 'Nodeless answers as the recorded Ironic did, but for the reviewed differences';

const trap = (id: string, what: string, ...tests: [file: string, test: string][]): Trap => ({ id, trap: what, tests });

export const TRAPS: readonly Trap[] = [
  trap('T1', 'the new state before the 202', [
    OPERATOR,
    'the new state is readable when the 202 leaves, with an empty body (T1, T2)',
  ]),
  trap('T2', 'no content type without a body', [HERE, 'T2: an empty answer has no content type']),
  trap('T3', 'links with what the client called', [HTTP, 'documents, HEAD, slashes and stage prefix']),
  trap('T4', 'GET /v1 without a version', [
    HERE,
    'T4, T5, T24: without a version header it is 1.1, and the range is told',
  ]),
  trap('T5', 'no header means 1.1', [HERE, 'T4, T5, T24: without a version header it is 1.1, and the range is told']),
  trap('T6', 'errors are JSON in JSON', [HERE, 'T6: an error is a JSON document in a string']),
  trap('T7', 'gophercloud ignores next', [
    HERE,
    'T7, T8, T31: pages hold 1000, say twice where the next is, and keep filters',
  ]),
  trap('T8', 'next keeps the filters', [OPERATOR, 'lists: filters, pages with next that keeps the filter, sorting']),
  trap('T9', 'times have an offset', [
    HERE,
    'T9, T18, T39: a patch answers the whole node, with offsets and without null collections',
  ]),
  trap(
    'T10',
    'odd spellings of paths',
    [OPERATOR, 'a sub-resource may stand in front of its node, and a query may name it (T10)'],
    [HERE, 'T10: a node is found under every spelling of its path'],
  ),
  trap('T11', 'odd spellings of values', [HERE, 'T11: booleans in words, lists and colons percent-encoded']),
  trap(
    'T12',
    'masked secrets come back',
    [OPERATOR, 'secrets are in the secrets table only, and a mask that comes back changes nothing (T12)'],
    ['test/functions/secrets.test.ts', 'secrets of resources (T12)'],
  ),
  trap('T13', 'an allocation starts as allocating', [
    'test/functions/allocations.test.ts',
    'the answer is the wish, the next GET the outcome (T13); DELETE frees the node',
  ]),
  trap('T14', 'a MAC has one owner', [HERE, 'T14, T15: a MAC has one owner, and wiring is frozen while available']),
  trap('T15', 'wiring is frozen', [HERE, 'T14, T15: a MAC has one owner, and wiring is frozen while available']),
  trap('T16', 'DELETE with a body', [HERE, 'T16: a DELETE may have a body, a query or another content type']),
  trap('T17', '400 unlocked, 409 locked', [
    LIFECYCLE,
    'each state and verb: allowed with its first state, or 400 unlocked and 409 locked',
  ]),
  trap('T18', 'PATCH answers the whole node', [
    HERE,
    'T9, T18, T39: a patch answers the whole node, with offsets and without null collections',
  ]),
  trap('T19', 'power is known after verifying', [
    HERE,
    'T19, T30, T34: enrolment to active in seconds, with power known and a conductor',
  ]),
  trap('T20', 'an abort says aborted', [LIFECYCLE, 'an abort says aborted (T20)']),
  trap(
    'T21',
    'targets of failed states',
    [LIFECYCLE, 'a failed verification is back in enroll with an error and without a target (T21)'],
    [LIFECYCLE, 'a manual clean stays on its way to manageable, also when it fails'],
  ),
  trap('T22', 'protected beats maintenance', [
    HERE,
    'T22: protected refuses also in maintenance, which lets an instance go',
  ]),
  trap('T23', 'defects of Ironic are not copied', [DIFFERENTIAL, AS_IRONIC]),
  trap('T24', 'version headers on errors', [
    HERE,
    'T4, T5, T24: without a version header it is 1.1, and the range is told',
  ]),
  trap(
    'T25',
    'what API Gateway does to requests',
    [HERE, 'T25, T27: header names in any case, and the generic one wins'],
    [HTTP, 'each route is found by its own method and path'],
  ),
  trap('T26', 'suites that skip silently', [DIFFERENTIAL, 'a run that compared nothing, or itself, is no success']),
  trap('T27', 'two version headers', [HERE, 'T25, T27: header names in any case, and the generic one wins']),
  trap(
    'T28',
    'None is a shard, a chassis has a list in a list',
    [OPERATOR, 'children, shards, inventory, RAID and what no driver can do'],
    ['test/functions/resources.test.ts', 'a chassis is created, shown, listed, changed and deleted'],
  ),
  trap('T29', 'the boot device from the store', [OPERATOR, 'validate, boot device, history, conductors']),
  trap('T30', 'one conductor', [
    HERE,
    'T19, T30, T34: enrolment to active in seconds, with power known and a conductor',
  ]),
  trap('T31', 'limit=0', [HERE, 'T7, T8, T31: pages hold 1000, say twice where the next is, and keep filters']),
  trap('T32', 'unknown 400, newer 406', [
    HERE,
    'T32: what is unknown is 400 and what is newer is 406, in query, fields and body',
  ]),
  trap('T33', 'the first state below 1.11', [
    OPERATOR,
    'below 1.11 it starts available, which 1.1 shows as null (T33)',
  ]),
  trap('T34', 'pretended hardware is fast', [
    HERE,
    'T19, T30, T34: enrolment to active in seconds, with power known and a conductor',
  ]),
  trap('T35', 'reads after writes', [HERE, 'T35: every list shows a write at once']),
  trap('T36', 'patches race', [
    HERE,
    'T36: of patches at once one wins or all come one after the other, and no write is lost',
  ]),
  trap(
    'T37',
    'a delete takes all along',
    ['test/functions/resources.test.ts', 'what a node owns goes with it, and nothing of another node'],
    [
      'test/functions/removal.test.ts',
      'a removal that dies with any of its calls leaves nothing when it is asked for again',
    ],
  ),
  trap('T38', 'a fault only where it is cleared', [
    LIFECYCLE,
    'a manual clean stays on its way to manageable, also when it fails',
  ]),
  trap('T39', 'no null collections', [
    HERE,
    'T9, T18, T39: a patch answers the whole node, with offsets and without null collections',
  ]),
  trap('T40', 'Location says what was sent', [HERE, 'T40: Location has the ident as it was sent, and a new UUID']),
];
