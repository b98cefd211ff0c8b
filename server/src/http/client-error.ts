/** Answers what never became a request: bytes that are not HTTP, headers without end, requests that take too long. */
import type { Socket } from 'node:net';
import { type KvError, kvError } from '../kv/errors.ts';
import { LIMITS } from '../kv/limits.ts';
import { boundFailure } from './binding/failure.ts';
import { failure, JSON_TYPE } from './envelope.ts';
import { doInstead, latestAnswer } from './pipeline.ts';

/**
 * Connections on which the last word is said or settled, and how much had been read until then: Node reports every
 * further piece of what is still sent there.
 */
const ended = new WeakMap<Socket, number>();

export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  const readBefore = ended.get(socket);
  if (readBefore !== undefined) {
    if (socket.bytesRead - readBefore > LIMITS.drainBytes) socket.destroy();
    return;
  }
  const exchange = latestAnswer(socket);
  const answering = exchange !== undefined && !exchange.writableFinished;
  if (answering && exchange.req.complete) {
    // What followed a whole request is nonsense; the request itself is still carried out, and must get its own answer.
    ended.set(socket, socket.bytesRead);
    exchange.once('close', () => socket.destroySoon());
    return;
  }
  const known = errorOfParser(error.code);
  if (answering && doInstead(exchange, () => sayLastWord(socket, known))) {
    ended.set(socket, socket.bytesRead);
    return;
  }
  if (error.code === 'ECONNRESET' || !socket.writable || (answering && exchange.headersSent)) {
    socket.destroy();
    return;
  }
  sayLastWord(socket, known);
}

/** What the client still sends is read for a while: closed at once, the connection would take the answer with it. */
function sayLastWord(socket: Socket, known: KvError): void {
  ended.set(socket, socket.bytesRead);
  const timer = setTimeout(() => socket.destroy(), LIMITS.drainMs);
  socket.once('close', () => clearTimeout(timer));
  const body = failure(known, undefined);
  // In the reason phrase, because a KV binding shows nothing else.
  const { status, reason } = boundFailure(known, '');
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    `Content-Type: ${JSON_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
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
