import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { NotAuthenticated } from '../../shared/errors.ts';
import type { ServeOptions } from '../api.ts';

const owner = z.object({ username: z.string().min(1), password: z.string().min(16) });

/** HTTP basic with the one generated password of the stack. It has 192 bits or more, so one fast hash protects it. */
export function ownerAuthentication(secret: () => Promise<string>): NonNullable<ServeOptions['authenticate']> {
  return async ({ headers }) => {
    const given = credentials(headers['authorization']);
    if (given === undefined) throw new NotAuthenticated('Authentication required');
    const { username, password } = owner.parse(JSON.parse(await secret()));
    // Digests have one length, and no short cut tells which of the two was wrong.
    if (!timingSafeEqual(digest(given), digest(`${username}:${password}`))) {
      throw new NotAuthenticated('Wrong name or password');
    }
    return { user: username, role: 'admin' };
  };
}

function credentials(header: string | undefined): string | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(header ?? '')?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
