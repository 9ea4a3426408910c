import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { compare } from 'bcryptjs';
import type { ServeOptions } from '../../functions/api.ts';
import type { Role } from '../../functions/http.ts';
import { basicCredentials } from '../../functions/middleware/basic-credentials.ts';
import { InvalidInput, NotAuthenticated, Unavailable } from '../../shared/errors.ts';

type Authenticate = NonNullable<ServeOptions['authenticate']>;
interface User {
  hash: string;
  role: Role;
}
export type Users = ReadonlyMap<string, User>;

const LINE = /^(?<name>[^:]+):(?<hash>\$2[aby]\$\d\d\$[./A-Za-z0-9]{53})(?::(?<role>reader|member|admin))?$/;
const SALT = randomBytes(16);
const WANTED = 'expected name:bcrypt-hash[:reader|member|admin], as `htpasswd -nB NAME` prints it';

/** Users of an Apache password file with bcrypt hashes, as Ironic takes it; a third field may narrow the role. */
export function readUsers(path: string): Users {
  const users = new Map<string, User>();
  for (const [index, line] of textOf(path).split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const { name, hash, role } = LINE.exec(line.trim())?.groups ?? {};
    // The line itself is not told: it may hold a password in clear.
    if (!name || !hash) throw new InvalidInput(`${path}, line ${index + 1}: ${WANTED}`);
    // The first line of a name counts, as in Ironic and Apache.
    if (!users.has(name)) users.set(name, { hash, role: (role as Role | undefined) ?? 'admin' });
  }
  if (users.size === 0) throw new InvalidInput(`${path} has no users: ${WANTED}`);
  return users;
}

/** Users of a file that may change while we serve. A file that became unreadable lets nobody in. */
export function usersOf(path: string): () => Users {
  let users = readUsers(path);
  let read = stampOf(path);
  return () => {
    const now = stampOf(path);
    if (now === read) return users;
    try {
      users = readUsers(path);
      read = now;
      return users;
    } catch (error) {
      throw new Unavailable('The file of users cannot be read', undefined, { cause: error });
    }
  };
}

export function basicAuthentication(users: () => Users): Authenticate {
  // bcrypt is slow by design, a client sends its password with every request: remember what was right, by digest.
  const right = new Map<string, Buffer>();
  return async ({ headers }) => {
    const { name, password } = basicCredentials(headers['authorization']);
    const all = users();
    const user = all.get(name);
    const hash = hashFor(name, all);
    const digest = createHash('sha256').update(`${hash}:${password}`).digest();
    const known = right.get(name);
    if (user && known && timingSafeEqual(known, digest)) return { user: name, role: user.role };
    if (!(await compare(password, hash)) || !user) throw new NotAuthenticated('Wrong name or password');
    right.set(name, digest);
    return { user: name, role: user.role };
  };
}

/**
 * What a password is compared with. An unknown name costs as much as somebody's wrong password, always the same one's, also
 * where hashes differ in cost; salted, so that nobody can tell by the time which names exist.
 */
export function hashFor(name: string, users: Users): string {
  const all = [...users.values()];
  const number = createHash('sha256').update(SALT).update(name).digest().readUInt32BE();
  return (users.get(name) ?? all[number % all.length])?.hash ?? '';
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new InvalidInput(`The file of users ${path} cannot be read (${code})`, { cause: error });
  }
}

function stampOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? 'gone' : `${stat.ino} ${stat.mtimeNs} ${stat.size}`;
}
