import { ClaimTaken, VersionConflict } from '../errors.ts';
import { compare } from '../resource/query.ts';
import type { Item } from '../resource/resource.ts';
import type { ResourceStore, Stored } from '../resource/resource-store.ts';
import type { Policy } from './policy.ts';
import { policyOf } from './stored-policy.ts';

/** All stored policies in one item: agent functions read it with one get and need no right to list anything. */
type PolicySet = Stored & { policies: Policy[] };

const KIND = 'policy_set';
const UUID = '00000000-0000-4000-8000-000000000000';
const ATTEMPTS = 5;

/** Written after every change of a policy. */
export async function publishPolicies(
  resources: Pick<ResourceStore, 'get' | 'list' | 'create' | 'replace'>,
  at: string,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    // The set before the policies: whoever writes in between makes this write fail, and it looks again.
    const before = await resources.get<PolicySet>(KIND, UUID);
    const policies = inOrder(await resources.list<Item>('policy')).map(policyOf);
    const made: Stored = { uuid: UUID, created_at: at, updated_at: null, version: 1, schema: 1 };
    try {
      if (before === undefined) await resources.create<PolicySet>(KIND, { ...made, policies }, []);
      else await resources.replace<PolicySet>(KIND, { ...before, policies, updated_at: at }, { before: [], after: [] });
      read.delete(resources);
      return;
    } catch (error) {
      const raced = error instanceof VersionConflict || error instanceof ClaimTaken;
      if (!raced || attempt === ATTEMPTS) throw error;
    }
  }
}

const inOrder = (items: readonly Item[]): Item[] =>
  items.toSorted((a, b) => compare(a['priority'] ?? 0, b['priority'] ?? 0) || compare(a.created_at, b.created_at));

/** A changed policy is in force in every process after that long, and at once in the one that changed it. */
const KEPT_MS = 5000;
type Reader = Pick<ResourceStore, 'get'>;
const read = new WeakMap<Reader, { at: number; policies: Promise<Policy[]> }>();

/**
 * In the order in which they are asked: the stored ones, then the configuration's. Kept for a moment, because strangers ask
 * again and again.
 */
export async function policiesInForce(
  resources: Reader,
  configured: readonly Policy[] = [],
  now = Number.POSITIVE_INFINITY,
): Promise<Policy[]> {
  const known = read.get(resources);
  if (known && now >= known.at && now - known.at < KEPT_MS) return [...(await known.policies), ...configured];
  const policies = storedPolicies(resources);
  read.set(resources, { at: now, policies });
  // What could not be read is read again.
  policies.catch(() => read.delete(resources));
  return [...(await policies), ...configured];
}

async function storedPolicies(resources: Reader): Promise<Policy[]> {
  return (await resources.get<PolicySet>(KIND, UUID))?.policies ?? [];
}
