/** The running server's side of the admin socket: HTTP on a Unix socket in the data directory, for its owner only. */
import { chmodSync, rmSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { BackupStatus } from '../backup/backups.ts';
import type { BackupReport } from '../database-backup.ts';
import type { Check } from '../kv/engine.ts';
import type { ListedToken } from '../kv/listed-token.ts';
import { createServer } from '../node-http.ts';
import { OperatorError } from '../operator-error.ts';
import {
  type BackupRequest,
  decodeBackupRequest,
  decodeScheduleRequest,
  type ScheduleRequest,
} from './backup-requests.ts';
import { readBody } from './body.ts';
import type { ConnectAnswer } from './connect.ts';
import { type ConnectRequest, decodeConnectRequest } from './connect-request.ts';
import { AdminRequestError } from './request-error.ts';
import { socketPath } from './socket.ts';
import {
  type CreateTokenRequest,
  decodeCreateTokenRequest,
  decodeRevokeTokenRequest,
  type RevokeTokenRequest,
} from './token-requests.ts';
import type { CreatedToken } from './tokens.ts';

/** What a client may ask for, by method and path. An `OperatorError` is told to the client, others are not. */
export interface AdminActions {
  'POST /token/create'(request: CreateTokenRequest): Promise<CreatedToken>;
  'POST /token/list'(): Promise<{ readonly tokens: readonly ListedToken[] }>;
  'POST /token/revoke'(request: RevokeTokenRequest): Promise<ListedToken>;
  'POST /token/reset-root'(): Promise<{ readonly token: string }>;
  'POST /connect'(request: ConnectRequest): Promise<ConnectAnswer>;
  /** Answers when it is made. */
  'POST /backup'(request: BackupRequest): Promise<BackupReport>;
  'GET /backup'(): Promise<BackupStatus>;
  'POST /backup/cancel'(): Promise<BackupStatus>;
  'POST /backup/schedule'(request: ScheduleRequest): Promise<BackupStatus>;
  'GET /status'(): Promise<ServerStatus>;
}

/** How the server runs, for `freehold doctor`. */
export interface ServerStatus {
  readonly version: string;
  readonly pid: number;
  /** Where it listens; empty before it does. */
  readonly urls: readonly string[];
  /** How many file descriptors it may open; absent where the system does not tell. */
  readonly filesMax?: number;
  readonly checks: readonly Check[];
  /** Absent where the server is of a release that makes none. */
  readonly backups?: BackupStatus;
}

export interface AdminServer {
  close(): Promise<void>;
}

/** Call it with the data directory's lock held: a socket that is there already is then a dead server's. */
export async function openAdminSocket(
  dataDirectory: string,
  actions: AdminActions,
  onDefect: (error: unknown) => void,
): Promise<AdminServer> {
  const socket = socketPath(dataDirectory);
  if (socket === undefined) throw new OperatorError(`the path of ${dataDirectory} is too long for a Unix socket`);

  const server = createServer((request, response) => {
    answer(actions, request, response).catch(error => {
      onDefect(error);
      send(response, 500, { error: 'internal error; the server log says more' });
    });
  });
  try {
    rmSync(socket.path, { force: true });
    await listen(server, socket.path);
    server.on('error', onDefect);
    chmodSync(socket.path, 0o600);
  } catch (error) {
    server.close();
    socket.release();
    throw error;
  }
  return { close: () => close(server).finally(socket.release) };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Actions under way are finished and answered. Node removes the socket's file. */
function close(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

async function answer(actions: AdminActions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    send(response, 200, await act(actions, `${request.method} ${request.url}`, await readBody(request)));
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    send(response, error instanceof AdminRequestError ? error.status : 409, { error: error.message });
  }
}

function act(actions: AdminActions, name: string, body: unknown): Promise<object> {
  switch (name) {
    case 'POST /token/create':
      return actions[name](decodeCreateTokenRequest(body));
    case 'POST /token/revoke':
      return actions[name](decodeRevokeTokenRequest(body));
    case 'POST /token/list':
    case 'POST /token/reset-root':
    case 'GET /backup':
    case 'POST /backup/cancel':
    case 'GET /status':
      return actions[name]();
    case 'POST /connect':
      return actions[name](decodeConnectRequest(body));
    case 'POST /backup':
      return actions[name](decodeBackupRequest(body));
    case 'POST /backup/schedule':
      return actions[name](decodeScheduleRequest(body));
    default:
      throw new AdminRequestError(`this server knows no ${name}`, 404);
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
}
