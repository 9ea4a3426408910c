import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { configurationFile } from './configuration.ts';

export function configurationSchema(): object {
  return { title: 'NODELESS_CONFIG', ...z.toJSONSchema(configurationFile) };
}

if (import.meta.main) {
  const file = new URL('nodeless-config.schema.json', import.meta.url);
  writeFileSync(file, `${JSON.stringify(configurationSchema(), null, 2)}\n`);
}
