import type { ExchangeReply } from '../../run/run.ts';
import { ask, BmcFault, type Dialogue } from './dialogue.ts';
import { actionOf, powerOf, readSystem, type System } from './system.ts';

export type SetPower = 'power on' | 'power off' | 'soft power off' | 'rebooting';

/** `ResetType`s that do it, the best one first. */
const RESETS: Record<SetPower, readonly string[]> = {
  'power on': ['On', 'ForceOn', 'PushPowerButton'],
  'power off': ['ForceOff'],
  'soft power off': ['GracefulShutdown', 'PushPowerButton'],
  rebooting: ['ForceRestart', 'PowerCycle'],
};

export function* powerState(systemPath: string | null): Dialogue<ExchangeReply> {
  return { kind: 'power', state: powerOf(yield* readSystem(systemPath)) };
}

/** Looks first, so that asking twice is asking once; `accepted` means that it has to be looked at again. */
export function* setPower(systemPath: string | null, target: SetPower): Dialogue<ExchangeReply> {
  const system = yield* readSystem(systemPath);
  const ends = target === 'power on' || target === 'rebooting' ? 'power on' : 'power off';
  const state = powerOf(system);
  // A machine that is off is "rebooted" by switching it on.
  const act = target === 'rebooting' && state === 'power off' ? 'power on' : target;
  if (state === ends && act !== 'rebooting') return { kind: 'power', state };
  if (act === 'power on' && system.body.PowerState === 'PoweringOn') return { kind: 'accepted' };
  const reset = resetOf(system, act);
  yield* ask({ method: 'POST', path: reset.target, body: { ResetType: reset.type } });
  return { kind: 'accepted' };
}

function resetOf({ body, path }: System, target: SetPower): { target: string; type: string } {
  const action = actionOf(body, '#ComputerSystem.Reset', 'ResetType');
  if (!action) throw new BmcFault('refused', `the system ${path} has no action to switch it`);
  const wanted = RESETS[target];
  const type = action.allowed ? wanted.find((one) => action.allowed?.includes(one)) : wanted[0];
  if (type === undefined) {
    throw new BmcFault('unsupported', `it offers none of ${wanted.join(', ')} for ${target}`);
  }
  return { target: action.target, type };
}
