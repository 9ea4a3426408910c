import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { Clock } from '../../clock.ts';
import type { HookCall, HookReply, Hooks, HookTarget } from '../../hook/hook-port.ts';
import { noHooks } from '../../hook/no-hooks.ts';
import { functionHook } from './function-hook.ts';
import { webhook } from './webhook.ts';

interface Given {
  targets: Readonly<Record<string, HookTarget>>;
  /** The value behind a reference of `secret`. */
  secretOf(reference: string): Promise<string>;
  /** Made on the first call of a function. */
  lambda(): Pick<LambdaClient, 'send'>;
  clock: Clock;
}

/** The hooks of a configuration by their names. */
export function configuredHooks({ targets, secretOf, lambda, clock }: Given): Hooks {
  const made = new Map<string, (call: HookCall) => Promise<HookReply>>();
  const make = (target: HookTarget) =>
    'function' in target
      ? functionHook(lambda(), target.function)
      : webhook({ url: target.url, secret: () => secretOf(target.secret), clock });
  return {
    async call(call) {
      const target = Object.hasOwn(targets, call.hook) ? targets[call.hook] : undefined;
      if (!target) return noHooks.call(call);
      const send = made.get(call.hook) ?? make(target);
      made.set(call.hook, send);
      return send(call);
    },
  };
}
