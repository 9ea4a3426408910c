import type { Hooks } from './hook-port.ts';

/** Where no hook is configured. */
export const noHooks: Hooks = {
  call: async ({ hook }) => ({
    kind: 'failed',
    because: 'unknown-hook',
    message: `The configuration's \`hooks\` has no ${hook}`,
  }),
};
