/** Answers what never became a request: bytes that are not HTTP, headers without end, requests that take too long. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ERRORS, type KvError, kvError } from '../kv/errors.ts';
import { LIMITS } from '../kv/limits.ts';
import { failure, JSON_TYPE } from './envelope.ts';

export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const known = asKvError(error.code);
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

function asKvError(code: string | undefined): KvError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return kvError('requestHeadersTooLarge', { limit: LIMITS.requestHeaderBytes });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return kvError('requestTimeout');
    default:
      return kvError('requestMalformed');
  }
}
