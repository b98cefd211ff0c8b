/** Answers what never became a request: bytes that are not HTTP, headers without end, requests that take too long. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type KvError, kvError } from '../kv/errors.ts';
import { LIMITS } from '../kv/limits.ts';
import { boundFailure } from './binding/failure.ts';
import { failure, JSON_TYPE } from './envelope.ts';

/** The latest exchange on each connection. */
const exchanges = new WeakMap<Socket, ServerResponse>();

/** Notes that a request is being answered on its connection. */
export function noteExchange(response: ServerResponse): void {
  exchanges.set(response.req.socket, response);
}

/** Connections on which the last word was said; Node reports every further piece of what is still sent there. */
const ended = new WeakSet<Socket>();

export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (ended.has(socket)) {
    if (socket.bytesRead > LIMITS.drainBytes) socket.destroy();
    return;
  }
  const exchange = exchanges.get(socket);
  if (exchange?.req.complete === true && !exchange.writableFinished) {
    // What followed a whole request is nonsense; the request itself is still carried out, and must get its own answer.
    exchange.once('close', () => socket.destroySoon());
    return;
  }
  if (
    error.code === 'ECONNRESET' ||
    !socket.writable ||
    (exchange?.headersSent === true && !exchange.writableFinished)
  ) {
    socket.destroy();
    return;
  }
  sayLastWord(socket, errorOfParser(error.code));
}

/** What the client still sends is read for a while: closed at once, the connection would take the answer with it. */
function sayLastWord(socket: Socket, known: KvError): void {
  ended.add(socket);
  const timer = setTimeout(() => socket.destroy(), LIMITS.drainMs);
  socket.once('close', () => clearTimeout(timer));
  const body = failure(known, undefined);
  // In the reason phrase, because a KV binding shows nothing else.
  const { status, reason } = boundFailure(known, '');
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    `Content-Type: ${JSON_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function errorOfParser(code: string | undefined): KvError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return kvError('requestHeadersTooLarge', { limit: LIMITS.requestHeaderBytes });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return kvError('requestTimeout');
    default:
      return kvError('requestMalformed');
  }
}
