import type { Row } from './api.ts';

const FAILED = 'Do what the last error says; `npx nodeless timeline <n>` tells how it came to this.';
const WAITS =
  'It waits for its agent. `npx nodeless timeline <n>` tells what was last heard of it; a machine that shows no ramdisk on ' +
  'its console needs `openstack baremetal node abort <n>` and a look at how it boots.';

const PERSON = 'Somebody has to do by hand what it waits for, and to report it as it says there.';

/** What a person does next, by the node's state; the first row that fits. */
const STATES: readonly (readonly [state: RegExp, next: string])[] = [
  [/ failed$|^error$/, FAILED],
  [/ hold$/, 'It holds because a step asked for it: `openstack baremetal node unhold <n>` goes on.'],
  [/^wait call-back$| wait$/, WAITS],
  [/^enroll$/, '`openstack baremetal node manage <n>` looks whether its machine can be reached.'],
];
const FROZEN = 'Its run stands still until the maintenance ends: nothing is sent to its agent, and no deadline counts.';
const HELD = 'When that is mended: `openstack baremetal node maintenance unset <n>`.';

export function nextOfNode(node: Row): string | undefined {
  const { name, uuid, provision_state: state, last_error: error, maintenance, fault } = node;
  // A verification that failed leaves its error on a node that is in `enroll` again.
  const byHand = waitsFor(node)?.startsWith('a person.');
  const frozen = maintenance === true && !fault && /^wait call-back$| wait$/.test(String(state));
  const next = frozen
    ? FROZEN
    : error
      ? FAILED
      : byHand
        ? PERSON
        : STATES.find(([one]) => one.test(String(state)))?.[1];
  // A BMC that could not be asked ends its maintenance itself, when it answers.
  const held = maintenance === true && fault !== 'power failure';
  const said = [next, held ? HELD : undefined].filter((one) => one !== undefined).join('\n');
  return said === '' ? undefined : said.replaceAll('<n>', String(name ?? uuid));
}

/** What a run of it waits for. */
export function waitsFor({ driver_internal_info: info }: Row): string | undefined {
  const waits =
    info !== null && typeof info === 'object' && !Array.isArray(info) ? info['nodeless_waits_for'] : undefined;
  return typeof waits === 'string' ? waits : undefined;
}

/** Somebody has to look. */
export const isInTrouble = ({ provision_state: state, maintenance, last_error: error }: Row): boolean =>
  maintenance === true || Boolean(error) || / failed$|^error$/.test(String(state));
