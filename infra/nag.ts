import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { SUPPRESSIONS, type Suppression } from './nag-suppressions.ts';

export interface Finding {
  rule: string;
  /** `Resource::…`, where a rule has several findings at one place. */
  detail: string;
  /** Below the stack, so that names of stacks do not matter. */
  path: string;
  description: string;
}

/** What both packs of cdk-nag find, warnings too. To be asked when everything is built: policies grow until then. */
export function nagFindings(app: IConstruct): Finding[] {
  return [new AwsSolutionsChecks(), new ServerlessChecks()].flatMap((pack) =>
    pack.validateScope(app).violations.flatMap(({ ruleName, description, violatingResources = [] }) => {
      const [, rule = ruleName, detail = ''] = /^([^[]+)\[(.*)\]$/s.exec(ruleName) ?? [];
      return violatingResources.map(({ constructPath = '' }) => ({
        rule,
        detail,
        description,
        path: constructPath.split('/').slice(1).join('/'),
      }));
    }),
  );
}

const covers = ({ rule, path, finding }: Suppression, found: Finding): boolean =>
  rule === found.rule &&
  new RegExp(`^(?:${path.source})$`).test(found.path) &&
  (finding === undefined || finding.test(found.detail));

/** Findings without a row in nag-suppressions.ts, as the synthesis reports them. */
export function unsuppressed(findings: readonly Finding[], rows: readonly Suppression[] = SUPPRESSIONS): string[] {
  return findings
    .filter((found) => !rows.some((row) => covers(row, found)))
    .map(
      ({ rule, detail, path, description }) =>
        `cdk-nag: ${rule}${detail && ` (${detail})`} at ${path}: ${description} Change it, or justify it in infra/nag-suppressions.ts.`,
    );
}

/** Rows that cover nothing of what was found. */
export const unused = (findings: readonly Finding[], rows: readonly Suppression[] = SUPPRESSIONS): Suppression[] =>
  rows.filter((row) => !findings.some((found) => covers(row, found)));
