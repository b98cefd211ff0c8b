/** A Unix socket to listen on: for its owner only, and in the place of one that a killed server left. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, constants, lstat, rename, rm } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import { OperatorError } from './operator-error.ts';

/** `sockaddr_un` holds 103 on macOS, four more on Linux; seven are for the name under which a socket is put aside. */
const PATH_BYTES_MAX = 96;

const ALL_BUT_OWNER = 0o177;

/**
 * Listens on an absolute path. Node removes the socket when the server closes. Throws an `OperatorError` where the path
 * cannot be had, and then leaves what is there as it is.
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  const bytes = Buffer.byteLength(path);
  if (bytes > PATH_BYTES_MAX)
    throw cannot(path, `a socket's path may have ${PATH_BYTES_MAX} bytes, and this has ${bytes}`);
  try {
    // The system says of a directory that is not there that permission is denied.
    await access(dirname(path), constants.W_OK);
    await bind(server, path).catch(async error => {
      if (codeOf(error) !== 'EADDRINUSE') throw error;
      await removeStale(path);
      await bind(server, path);
    });
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    if (codeOf(error) === 'EADDRINUSE') throw inUse(path);
    throw cannot(path, (error as Error).message, error);
  }
}

/** Which mode a socket is made with, only the umask says; changed afterwards, others could connect in between. */
async function bind(server: Server, path: string): Promise<void> {
  const listening = once(server, 'listening');
  const umask = process.umask(ALL_BUT_OWNER);
  try {
    // Makes the socket before it returns.
    server.listen({ path, exclusive: true });
  } finally {
    process.umask(umask);
  }
  await listening;
}

async function removeStale(path: string): Promise<void> {
  try {
    await removeUnanswered(path);
  } catch (error) {
    // Whoever listened there has just removed it.
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

async function removeUnanswered(path: string): Promise<void> {
  if (!(await lstat(path)).isSocket())
    throw cannot(path, 'what is there is no socket; remove it, or choose another path');
  if (await isAnswered(path)) throw inUse(path);
  // Aside, and asked again there: another server may have taken the place of the stale socket in the meantime.
  const aside = `${path}.${randomBytes(3).toString('hex')}`;
  await rename(path, aside);
  if (await isAnswered(aside)) {
    await rename(aside, path);
    throw inUse(path);
  }
  await rm(aside);
}

/** Whether somebody listens there. */
async function isAnswered(path: string): Promise<boolean> {
  const probe = connect(path);
  try {
    await once(probe, 'connect');
    return true;
  } catch (error) {
    if (codeOf(error) !== 'ECONNREFUSED') throw error;
    return false;
  } finally {
    probe.destroy();
  }
}

function inUse(path: string): OperatorError {
  return cannot(path, 'another server already listens there; stop it, or choose another path');
}

function cannot(path: string, reason: string, cause?: unknown): OperatorError {
  return new OperatorError(`cannot listen on unix:${path}: ${reason}`, { cause });
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
