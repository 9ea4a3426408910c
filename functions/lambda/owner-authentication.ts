import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { NotAuthenticated } from '../../shared/errors.ts';
import type { ServeOptions } from '../api.ts';
import { basicCredentials } from '../middleware/basic-credentials.ts';

const owner = z.object({ username: z.string().min(1), password: z.string().min(16) });

/** HTTP basic with the one generated password of the stack. It has 192 bits or more, so one fast hash protects it. */
export function ownerAuthentication(secret: () => Promise<string>): NonNullable<ServeOptions['authenticate']> {
  return async ({ headers }) => {
    const given = basicCredentials(headers['authorization']);
    const { username, password } = owner.parse(JSON.parse(await secret()));
    // Digests have one length, and no short cut tells which of the two was wrong.
    if (!timingSafeEqual(digest(`${given.name}:${given.password}`), digest(`${username}:${password}`))) {
      throw new NotAuthenticated('Wrong name or password');
    }
    return { user: username, role: 'admin' };
  };
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
