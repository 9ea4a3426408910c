import { ClaimTaken, VersionConflict } from '../errors.ts';
import type { ResourceStore, Stored } from '../resource/resource-store.ts';
import type { InspectionRule } from './inspection-rule.ts';

/**
 * All rules in one item: the inspection function reads it with one get and needs no right to list anything.
 * Written after every change of a rule.
 */
type RuleSet = Stored & { rules: InspectionRule[] };

const KIND = 'inspection_rule_set';
const UUID = '00000000-0000-4000-8000-000000000000';
const ATTEMPTS = 5;

export async function publishRules(
  resources: Pick<ResourceStore, 'get' | 'list' | 'create' | 'replace'>,
  at: string,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    // The set before the rules: whoever writes in between makes this write fail, and it looks again.
    const before = await resources.get<RuleSet>(KIND, UUID);
    const rules = await resources.list<InspectionRule>('inspection_rule');
    const made: Stored = { uuid: UUID, created_at: at, updated_at: null, version: 1, schema: 1 };
    try {
      if (before === undefined) await resources.create<RuleSet>(KIND, { ...made, rules }, []);
      else await resources.replace<RuleSet>(KIND, { ...before, rules, updated_at: at }, { before: [], after: [] });
      return;
    } catch (error) {
      const raced = error instanceof VersionConflict || error instanceof ClaimTaken;
      if (!raced || attempt === ATTEMPTS) throw error;
    }
  }
}

export async function publishedRules(resources: Pick<ResourceStore, 'get'>): Promise<InspectionRule[]> {
  return (await resources.get<RuleSet>(KIND, UUID))?.rules ?? [];
}
