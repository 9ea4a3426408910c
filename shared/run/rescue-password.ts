import { encrypt } from 'unixcrypt';
import type { SecretStore } from '../node/node-store.ts';
import { RESCUE_PASSWORD, rescueSecretOf } from './fill.ts';

type Secrets = { secrets: SecretStore };

/**
 * Only the crypt(3) hash of a rescue password is kept (SHA-512, as Ironic sends it with `hashed: true`), in the secrets
 * table, apart from what `driver_info` hides. No row, event or execution sees either of them.
 */
export function keepRescuePassword(node: string, password: string, { secrets }: Secrets): Promise<void> {
  return secrets.put(rescueSecretOf(node), { [RESCUE_PASSWORD]: encrypt(password) });
}

/** When nobody can be let in with it any more. */
export function forgetRescuePassword(node: string, { secrets }: Secrets): Promise<void> {
  return secrets.remove(rescueSecretOf(node));
}
