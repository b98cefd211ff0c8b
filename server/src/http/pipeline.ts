/**
 * The requests of one connection, carried out one after the other however many come at once: a client that does not
 * wait for answers expects a change to be made before the next request is looked at (RFC 9112, section 9.3.2).
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { LIMITS } from '../kv/limits.ts';

/** The answer to the latest request of each connection. */
const latest = new WeakMap<Socket, ServerResponse>();

/** What is done when the answer before this one has gone out. */
const waiting = new WeakMap<ServerResponse, () => void>();

/** How many wait on each connection on which some have. */
const waitingCounts = new WeakMap<Socket, number>();

/**
 * Does `act` when all earlier requests of the connection are answered; at once, as a rule. Never after an answer that
 * said `Connection: close`: its client repeats the request elsewhere, as it gets no answer here (RFC 9112, section 9.6).
 */
export function inTurn(response: ServerResponse, act: () => void): void {
  const { socket } = response.req;
  const previous = latest.get(socket);
  latest.set(socket, response);
  if (previous === undefined || previous.writableFinished) {
    if (socket.writable) act();
    return;
  }
  const count = (waitingCounts.get(socket) ?? 0) + 1;
  if (count > LIMITS.pipelinedRequests) {
    // Nothing else would stop who sends on and on behind a request that takes its time.
    socket.destroy();
    return;
  }
  waitingCounts.set(socket, count);
  waiting.set(response, act);
  previous.once('close', () => {
    waitingCounts.set(socket, (waitingCounts.get(socket) ?? 0) - 1);
    const next = waiting.get(response);
    waiting.delete(response);
    if (socket.writable) next?.();
  });
}

/** Does something else in place of a request that has not been begun. Answers whether there was time. */
export function doInstead(response: ServerResponse, act: () => void): boolean {
  if (!waiting.has(response)) return false;
  waiting.set(response, act);
  return true;
}

export function latestAnswer(socket: Socket): ServerResponse | undefined {
  return latest.get(socket);
}
