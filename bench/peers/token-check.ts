/** The look-up that every request of the server begins with: whether the token's hash is the one that is stored. */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { hashToken } from '../../server/src/tokens.ts';
import type { Database } from './database.ts';

export function tokenCheck(database: Database): (request: IncomingMessage) => boolean {
  const statement = database.prepare<[], Buffer>(`SELECT value FROM settings WHERE name = 'rootTokenHash'`).pluck();
  return ({ headers }) => {
    const stored = statement.get();
    const { authorization = '' } = headers;
    return stored !== undefined && timingSafeEqual(stored, hashToken(authorization.slice('Bearer '.length)));
  };
}
