import { mkdirSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { configurationFile } from './configuration.ts';
import { hookSchemas } from './hook-schemas.ts';

export function configurationSchema(): object {
  return { title: 'NODELESS_CONFIG', ...z.toJSONSchema(configurationFile) };
}

if (import.meta.main) {
  const file = new URL('nodeless-config.schema.json', import.meta.url);
  writeFileSync(file, `${JSON.stringify(configurationSchema(), null, 2)}\n`);
  const folder = new URL('../../shared/hook/schemas/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(hookSchemas())) writeFileSync(new URL(name, folder), text);
}
