/** Answers what never became a request: bytes that are not HTTP, headers without end, requests that take too long. */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ERRORS, type KvError, kvError } from '../kv/errors.ts';
import { LIMITS } from '../kv/limits.ts';
import { failure, JSON_TYPE } from './envelope.ts';

/** The latest exchange on each connection. */
const exchanges = new WeakMap<Socket, ServerResponse>();

/** Notes that a request is being answered on its connection. */
export function noteExchange(response: ServerResponse): void {
  exchanges.set(response.req.socket, response);
}

export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
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
  const known = errorOfParser(error.code);
  const body = failure(known, undefined);
  const { status } = ERRORS[known.faults[0].name];
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
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
