import Table from 'cli-table3';
import { agentRows } from './agent-rows.ts';
import { openSite } from './bench-site.ts';
import { bundleRows } from './bundle-rows.ts';
import { decisionRows } from './decision-rows.ts';
import { ironicRows } from './ironic-rows.ts';
import { listRows } from './list-rows.ts';
import { isOver, type Row, verdict } from './row.ts';
import { runRows } from './run-rows.ts';
import { startupRows } from './startup-rows.ts';

const site = await openSite();
let rows: Row[];
try {
  rows = [
    ...(await agentRows(site)),
    ...(await listRows(site)),
    ...(await runRows()),
    ...bundleRows(),
    ...(await startupRows(site)),
    ...(await decisionRows()),
    ...(await ironicRows(site)),
  ];
} finally {
  await site.close();
}

if (process.argv.includes('--json')) {
  console.log(
    JSON.stringify(
      rows.map((row) => ({ ...row, verdict: verdict(row) })),
      null,
      2,
    ),
  );
} else {
  const table = new Table({
    head: ['what', 'unit', 'measured', 'budget', '', 'note'],
    colAligns: ['left', 'left', 'right', 'right', 'left', 'left'],
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    table.push([row.what, row.unit, row.measured ?? '', row.budget ?? '', verdict(row), row.note ?? '']);
  }
  console.log(table.toString());
  const over = rows.filter(isOver).length;
  const open = rows.filter(({ measured }) => measured === undefined).length;
  const rest = open === 0 ? '' : `; ${open} not measured here`;
  console.log(over === 0 ? `every budget is kept${rest}` : `${over} of the budgets are broken${rest}`);
}
process.exitCode = rows.some(isOver) ? 1 : 0;
