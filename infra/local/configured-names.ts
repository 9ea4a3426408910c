import type { z } from 'zod';
import { hardwareTypes, isHardwareType } from '../../shared/drivers/registry.ts';

/** What of a configuration file names something else: drivers that there are, and hooks of the same file. */
interface Naming {
  enrollment?: { driver?: string | undefined; policies?: NamingPolicy[] | undefined } | undefined;
  matching?: { hook?: { name: string } | undefined } | undefined;
  hooks?: Readonly<Record<string, unknown>> | undefined;
}
interface NamingPolicy {
  name: string;
  node: { driver?: string | undefined };
  hook?: { name: string } | null | undefined;
}

/** A name that there is not is told at start and at synth: later it would turn away each machine that it is about. */
export function checkNames({ enrollment = {}, matching = {}, hooks = {} }: Naming, context: z.RefinementCtx): void {
  const driver = (name: string | undefined, path: (string | number)[], of: string) => {
    if (name === undefined || isHardwareType(name)) return;
    const known = hardwareTypes().map((type) => type.name);
    context.addIssue({ code: 'custom', path, message: `${of}there is no driver ${name}, but ${known.join(', ')}` });
  };
  const hook = (name: string | undefined, path: (string | number)[], of: string) => {
    if (name === undefined || Object.hasOwn(hooks, name)) return;
    context.addIssue({ code: 'custom', path, message: `${of}\`hooks\` has no ${name}` });
  };
  driver(enrollment.driver, ['enrollment', 'driver'], '');
  hook(matching.hook?.name, ['matching', 'hook', 'name'], '');
  for (const [at, policy] of (enrollment.policies ?? []).entries()) {
    const path = ['enrollment', 'policies', at];
    driver(policy.node.driver, [...path, 'node', 'driver'], `policy ${policy.name}: `);
    hook(policy.hook?.name, [...path, 'hook', 'name'], `policy ${policy.name}: `);
  }
}
