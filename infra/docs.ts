import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ZodType } from 'zod';
import { EVENT_TYPES } from '../shared/events/event-types.ts';
import { SOURCE } from '../shared/events/published-event.ts';
import { schemaFile, schemaFiles } from '../shared/events/schemas.ts';
import { METRICS, type MetricDefinition, NAMESPACE } from '../shared/metrics/metrics.ts';
import { ALARMS, type Signal } from './alarms.ts';
import { optionTable } from './options.ts';

const MADE = '<!-- Made by `npm run docs` from the data in the code. -->';
const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

function metricsPage(): string {
  const rows = Object.entries<MetricDefinition>(METRICS).map(([name, { unit, dimension, question }]) => [
    `\`${name}\``,
    unit,
    dimension ? `${dimension.name}: ${dimension.values.join(', ')}` : '',
    question,
  ]);
  return `# Metrics
${MADE}

Namespace \`${NAMESPACE}\`. A request's measures ride on its one log line (CloudWatch's embedded format), those of enrolments
and runs on the line of the function that publishes the events. A metric that never happened costs nothing; one that did
costs $0.30 a month for each value of its dimension. Requests, latencies and errors of the APIs, functions and tables are
counted by AWS for nothing and are not repeated here.

${table(['metric', 'unit', 'dimension', 'question'], rows)}

A machine that is held, in conflict or refused comes back every minute or so: these count requests, not machines.
`;
}

function eventsPage(): string {
  const rows = Object.entries(EVENT_TYPES).map(([name, { when }]) => {
    const file = schemaFile(name as keyof typeof EVENT_TYPES);
    return [`\`${name}\``, when, `[${file}](schemas/${file})`];
  });
  return `# Events
${MADE}

Every change of state and every decision about a node is an event: in the node's history, written in the transaction that
it tells of, and, from the table's stream, on the default EventBridge bus with source \`${SOURCE}\` and the type as
\`detail-type\`. The local runtime appends the same events to \`events.ndjson\` in its data folder.

At least once, and in order for each node: remember \`id\`, compare \`sequence\`. Ignore fields that you do not know. What could
not be delivered in twelve hours goes to the queue UndeliveredEvents; the history has it anyway.

${table(['type', 'when', 'schema'], rows)}

    aws events put-rule --name deploys-failed \\
      --event-pattern '{"source": ["${SOURCE}"], "detail-type": ["run"], "detail": {"detail": {"result": ["failed"]}}}'
`;
}

function alarmsPage(): string {
  const signal = (one: Signal) =>
    'metric' in one ? `\`${one.metric}\`${one.of === undefined ? '' : ` ${one.of}`}` : `AWS: ${one.aws}`;
  const rows = ALARMS.map((row) => [
    `\`${row.name}\``,
    `${row.on.map(signal).join(' + ')} ≥ ${row.threshold} in ${row.minutes} min${row.periods > 1 ? `, ${row.periods} times` : ''}`,
    row.why,
    row.what.replaceAll('|', '\\|'),
  ]);
  return `# Alarms
${MADE}

They change colour; with \`-c nodeless:alarmTopic=<ARN>\` they also tell an SNS topic.

${table(['alarm', 'when', 'why', 'what to do at 3 a.m.'], rows)}
`;
}

/** A default and `optional` wrap what was described. */
function descriptionOf(schema: ZodType): string {
  if (schema.description !== undefined) return schema.description;
  return 'innerType' in schema.def ? descriptionOf(schema.def.innerType as ZodType) : '';
}

/** The deployment's page is written by hand but for the table of options, between two marks. */
function deploymentPage(): string {
  const rows = Object.entries(optionTable.shape).map(([name, schema]) => [
    `\`${name}\``,
    'defaultValue' in schema.def ? `\`${schema.def.defaultValue}\`` : '',
    descriptionOf(schema),
  ]);
  const [start, end] = ['<!-- options, by `npm run docs` -->', '<!-- end of options -->'];
  const [before, rest = ''] = readFileSync(resolve(import.meta.dirname, 'README.md'), 'utf8').split(start);
  return `${before}${start}\n\n${table(['option', 'default', ''], rows)}\n\n${end}${rest.split(end)[1] ?? ''}`;
}

/** Path from the root → content, of every page that is made from data. A test compares them with what is committed. */
export function pages(): Record<string, string> {
  const schemas = Object.entries(schemaFiles()).map(([file, text]) => [`shared/events/schemas/${file}`, text]);
  return {
    'shared/metrics/README.md': metricsPage(),
    'shared/events/README.md': eventsPage(),
    'infra/ALARMS.md': alarmsPage(),
    'infra/README.md': deploymentPage(),
    ...Object.fromEntries(schemas),
  };
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(pages())) {
    const file = resolve(import.meta.dirname, '..', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
