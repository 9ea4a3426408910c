import { writeFileSync } from 'node:fs';
import { costPage } from './page.ts';

writeFileSync(new URL('../COST.md', import.meta.url), costPage());
