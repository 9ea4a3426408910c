import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { compare } from 'bcryptjs';
import type { ServeOptions } from '../../functions/api.ts';
import type { Role } from '../../functions/http.ts';
import { InvalidInput, NotAuthenticated } from '../../shared/errors.ts';

type Authenticate = NonNullable<ServeOptions['authenticate']>;
interface User {
  hash: string;
  role: Role;
}

const LINE = /^(?<name>[^:]+):(?<hash>\$2[aby]\$\d\d\$[./A-Za-z0-9]{53})(?::(?<role>reader|member|admin))?$/;
/** Compared with when the name is unknown, so that time does not tell which names exist. Of no password. */
const NOBODY = '$2b$10$CwTycUXWue0Thq9StjUM0uJ8.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx';

/** Users of an Apache password file with bcrypt hashes, as Ironic takes it; a third field may narrow the role. */
export function readUsers(path: string): Map<string, User> {
  const users = new Map<string, User>();
  for (const [index, line] of readFileSync(path, 'utf8').split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const { name, hash, role } = LINE.exec(line.trim())?.groups ?? {};
    if (!name || !hash) throw new InvalidInput(`${path}, line ${index + 1}: expected name:bcrypt-hash[:role]`);
    users.set(name, { hash, role: (role as Role | undefined) ?? 'admin' });
  }
  if (users.size === 0) throw new InvalidInput(`${path} has no users`);
  return users;
}

export function basicAuthentication(users: Map<string, User>): Authenticate {
  // bcrypt is slow by design, a client sends its password with every request: remember what was right, by digest.
  const right = new Map<string, Buffer>();
  return async ({ headers }) => {
    const { name, password } = credentials(headers.authorization);
    const user = users.get(name);
    const digest = createHash('sha256').update(password).digest();
    const known = right.get(name);
    if (user && known && timingSafeEqual(known, digest)) return { user: name, role: user.role };
    if (!(await compare(password, user?.hash ?? NOBODY)) || !user) throw new NotAuthenticated('Wrong name or password');
    right.set(name, digest);
    return { user: name, role: user.role };
  };
}

function credentials(header: string | undefined): { name: string; password: string } {
  const encoded = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(header ?? '')?.[1];
  const decoded = Buffer.from(encoded ?? '', 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 1) throw new NotAuthenticated('Authentication required');
  return { name: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}
