/** What the running server does when it is asked through its admin socket, and notes in its log. */
import type { Audit, AuditEntry } from '../audit.ts';
import type { Backups } from '../backup/backups.ts';
import type { GivenToken } from '../config/given-token.ts';
import type { Clock, Engine } from '../kv/engine.ts';
import { OperatorError } from '../operator-error.ts';
import { readFilesMax } from '../process-limits.ts';
import { version } from '../version.ts';
import { connectNamespace } from './connect.ts';
import { resetRootToken } from './root-token.ts';
import type { AdminActions } from './server.ts';
import { createToken, listTokens, revokeToken } from './tokens.ts';

export interface AdminParts {
  readonly dataDirectory: string;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly backups: Backups;
  /** Where the server listens; empty until it does, which is later than the admin socket. */
  readonly listener: { readonly urls: readonly string[] };
  readonly givenToken: GivenToken | undefined;
}

export function adminActions(parts: AdminParts): AdminActions {
  const { dataDirectory, engine, clock, listener, givenToken, backups } = parts;
  const note = (entry: Omit<AuditEntry, 'by'>) => parts.audit({ ...entry, by: { name: 'admin socket' } });
  return {
    'POST /token/create': async request => {
      const created = await createToken(parts, request);
      const { id, name, account_id: account } = created.listed;
      note({ audit: 'token.create', account, token: { id, name }, count: 1 });
      return created;
    },
    'POST /token/list': () => listTokens(parts),
    'POST /token/revoke': async request => {
      const revoked = await revokeToken(parts, request);
      const { id, name, account_id: account } = revoked;
      note({ audit: 'token.revoke', account, token: { id, name }, count: 1 });
      return revoked;
    },
    'POST /token/reset-root': async () => {
      if (givenToken) {
        const { source } = givenToken;
        const message = `the root token of the running server is given by ${source}: change it there and restart the server`;
        throw new OperatorError(message);
      }
      const answer = await resetRootToken(engine, dataDirectory);
      note({ audit: 'root-token.reset', count: 1 });
      return answer;
    },
    'POST /connect': async request => {
      const answer = await connectNamespace({ engine, clock, urls: listener.urls }, request);
      const { account, tokenId: id, tokenName: name } = answer;
      const where = { account, namespace: answer.namespace.id, count: 1 };
      if (answer.created) note({ audit: 'namespace.create', ...where });
      note({ audit: 'token.create', ...where, token: { id, name } });
      return answer;
    },
    'POST /backup': ({ file }) => backups.make(file),
    'GET /backup': () => Promise.resolve(backups.status),
    'POST /backup/cancel': async () => {
      await backups.cancel();
      return backups.status;
    },
    'POST /backup/schedule': async ({ schedule }) => {
      await backups.setSchedule(schedule);
      return backups.status;
    },
    'GET /status': async () => {
      const filesMax = readFilesMax();
      const checks = await engine.check();
      const known = { version, pid: process.pid, urls: listener.urls, checks, backups: backups.status };
      return { ...known, ...(filesMax !== undefined && { filesMax }) };
    },
  };
}
