/** The command line's side of the admin socket. */
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { OperatorError } from '../operator-error.ts';
import type { AdminActions } from './server.ts';
import { type SocketPath, socketPath } from './socket.ts';

type Answer<Name extends keyof AdminActions> = Awaited<ReturnType<AdminActions[Name]>>;

/** The running server's answer, or undefined where no server runs on this data directory. */
export async function askServer<Name extends keyof AdminActions>(
  dataDirectory: string,
  action: Name,
  ...request: Parameters<AdminActions[Name]>
): Promise<Answer<Name> | undefined> {
  const socket = openSocketPath(dataDirectory);
  if (socket === undefined) return undefined;
  try {
    const { status, body } = await exchange(socket.path, action, request.map(body => JSON.stringify(body)).join(''));
    if (status === 200) return JSON.parse(body);
    throw new OperatorError(JSON.parse(body).error);
  } catch (error) {
    if (isNobodyThere(error)) return undefined;
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(`the server on ${dataDirectory} cannot be asked: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    socket.release();
  }
}

function openSocketPath(dataDirectory: string): SocketPath | undefined {
  try {
    return socketPath(dataDirectory);
  } catch {
    // What is wrong with the directory is told better by the one who opens it next.
    return undefined;
  }
}

/** No socket at all, or one that a killed server left. */
function isNobodyThere(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return ['ENOENT', 'ENOTDIR', 'ECONNREFUSED'].includes(code);
}

function exchange(
  path: string,
  action: string,
  requestBody: string,
): Promise<{ status: number | undefined; body: string }> {
  const [method, url] = action.split(' ');
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: path, method, path: url, agent: false }, response => {
      text(response).then(body => resolve({ status: response.statusCode, body }), reject);
    });
    outgoing.on('error', reject);
    outgoing.end(requestBody);
  });
}
