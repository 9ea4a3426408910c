import { spawnSync } from 'node:child_process';

/** npm run audit: known holes in what is deployed. Not every registry has the service; then it says that it skips. */
const asked = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' });
const report = reported(asked.stdout);
if (report === undefined) {
  process.stdout.write('skipped: this registry answers no `npm audit`; run it where one does.\n');
} else {
  process.stdout.write(`${report}\n`);
  process.exitCode = asked.status ?? 1;
}

/** The report in a line and the findings, or undefined: a registry without the service answers with an error. */
function reported(text: string): string | undefined {
  const answer: { auditReportVersion?: number; vulnerabilities?: Record<string, { severity: string }> } = parsed(text);
  if (answer.auditReportVersion === undefined) return undefined;
  const found = Object.entries(answer.vulnerabilities ?? {}).map(([name, { severity }]) => `${severity}: ${name}`);
  return found.length === 0 ? 'found 0 vulnerabilities in what is deployed' : found.join('\n');
}

function parsed(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
