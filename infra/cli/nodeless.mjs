#!/usr/bin/env node
/** `npx nodeless`: runs on the machine's own Node, installs what a fresh clone lacks, then runs main.ts on Node 24. */
import { fileURLToPath } from 'node:url';

process.env.NODELESS_WORKING_FOLDER = process.cwd();
process.argv.splice(2, 0, fileURLToPath(new URL('main.ts', import.meta.url)));
await import('../local/ensure-installed.mjs');
