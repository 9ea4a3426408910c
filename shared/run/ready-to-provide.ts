import type { Session } from '../agent/session-store.ts';
import type { Configuration } from '../configuration.ts';
import type { Node } from '../node/node.ts';
import { booleanOf } from '../resource/checks.ts';
import { isPresent } from './outcome.ts';

export interface ProvideCase {
  node: Node;
  session: Session;
  /** ms */
  now: number;
  settings: Pick<Configuration, 'fastTrack' | 'provideWhenPresent'>;
}

/** Each can refuse alone. An operator who holds a node back, and whatever needs a person, comes before any machine. */
const REFUSALS: readonly ((given: ProvideCase) => string | false)[] = [
  ({ node }) => node.provision_state !== 'manageable' && `it is ${node.provision_state}, not manageable`,
  ({ node, settings }) => policyOf(node, settings).refusal,
  ({ settings }) => !settings.fastTrack && 'fastTrack is off: nobody who is present is used as it is',
  ({ node: { run } }) => run !== null && run.ended === null && `${run.flow} is going on`,
  ({ node: { run } }) => run?.ended?.result === 'failed' && `its last run, ${run.flow}, failed: a person provides it`,
  ({ node }) => node.maintenance && 'it is in maintenance',
  ({ node }) => node.retired && 'it is retired',
  ({ node }) => node.instance_uuid !== null && 'it has an instance',
  ({ session, now }) =>
    !isPresent({ session: { ...session, reachable: session.bootFingerprint !== undefined }, now }) &&
    'its agent is not present',
  ({ node, session }) => !registeredSince(node, session) && 'its machine has not registered since it is manageable',
  ({ node: { run }, session }) =>
    run?.flow === 'inspect' &&
    session.generation <= (run.generation ?? 0) &&
    'the inspection has booted it, not itself',
];

/**
 * Whether a machine that registered itself moves its node on to `available`, and why (not). Only a registration that is
 * newer than the node's state counts: an operator who said `manage` on a present node keeps it until it boots again.
 */
export function readyToProvide(given: ProvideCase): { ready: boolean; reason: string } {
  for (const refusal of REFUSALS) {
    const reason = refusal(given);
    if (reason !== false) return { ready: false, reason };
  }
  const at = new Date(given.session.issuedAt).toISOString();
  return {
    ready: true,
    reason: `the machine registered itself at ${at}, and ${policyOf(given.node, given.settings).by}`,
  };
}

/** What the node says of itself goes before the configuration. */
function policyOf({ driver_info }: Node, settings: ProvideCase['settings']): { by: string; refusal: string | false } {
  const own = driver_info['provide_when_present'];
  const name = own === undefined ? 'provideWhenPresent' : 'driver_info.provide_when_present';
  const says = own === undefined ? settings.provideWhenPresent : booleanOf(own);
  const by = `${name} is ${says === undefined ? 'no boolean' : says}`;
  return { by, refusal: says !== true && by };
}

/** A node that nobody has moved yet was enrolled in its state, by the very request in which its machine may register. */
function registeredSince({ provision_updated_at: moved, created_at }: Node, { issuedAt }: Session): boolean {
  return moved === null ? issuedAt >= Date.parse(created_at) : issuedAt > Date.parse(moved);
}
