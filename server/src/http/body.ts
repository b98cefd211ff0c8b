/** Receiving request bodies: counted as they arrive, and read into memory of their own size. */
import type { IncomingMessage } from 'node:http';
import { ArrivingText } from '../kv/arriving-text.ts';
import { type KvError, kvError } from '../kv/errors.ts';
import { LIMITS } from '../kv/limits.ts';

declare module 'node:http' {
  interface IncomingMessage {
    /** How much of the body was received until the request was answered. */
    bodyBytes?: number;
  }
}

/** The error for a body of so many bytes, or of more. */
export type RefuseBody = (bytes: number) => KvError;

export function bodyTooLarge(limit: number): RefuseBody {
  return () => kvError('bodyTooLarge', { limit });
}

/** Throws for a body that need not be received at all: one that says it is too large, or is compressed. */
export function checkAnnouncedBody(message: IncomingMessage, limit: number, refuse: RefuseBody): void {
  const encoding = message.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw kvError('contentEncodingUnsupported', { encoding });
  }
  const announced = announcedBytes(message);
  if (announced !== undefined && announced > limit) throw refuse(announced);
}

/** The whole body, as the whole of a buffer, which can be handed to another thread. */
export function readBody(
  message: IncomingMessage,
  limit: number,
  refuse: RefuseBody,
): Promise<Uint8Array<ArrayBuffer>> {
  checkReceivable(message, limit, refuse);
  const sink = new BodySink(announcedBytes(message));
  return receive(message, limit, refuse, chunk => sink.add(chunk)).then(() => sink.toBytes());
}

/** The body as text that can be read while it arrives. */
export function receiveText(message: IncomingMessage, limit: number, refuse: RefuseBody): ArrivingText {
  checkReceivable(message, limit, refuse);
  const text = new ArrivingText(announcedBytes(message));
  const take = (chunk: Buffer): void => {
    text.append(chunk);
    release(chunk);
  };
  receive(message, limit, refuse, take).then(
    () => text.end(),
    (error: Error) => text.fail(error),
  );
  return text;
}

function checkReceivable(message: IncomingMessage, limit: number, refuse: RefuseBody): void {
  checkAnnouncedBody(message, limit, refuse);
  if (message.destroyed) throw connectionLost();
}

/**
 * Hands over a body chunk by chunk. One that turns out too large is given up where it passes `limit`. Not `for await`:
 * leaving such a loop resets the connection, and the client would not see the answer.
 */
function receive(
  message: IncomingMessage,
  limit: number,
  refuse: RefuseBody,
  take: (chunk: Buffer) => void,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let bytes = 0;
  const onData = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > limit) {
      message.off('data', onData);
      reject(refuse(bytes));
      return;
    }
    message.bodyBytes = bytes;
    take(chunk);
  };
  message.on('data', onData);
  message.once('end', resolve);
  message.once('close', () => {
    if (!message.readableEnded) reject(connectionLost());
  });
  return promise;
}

/** From here on giving a chunk's memory back at once is worth the call. */
const RELEASED_BYTES_MIN = 4_096;

/**
 * At some later garbage collection a large body would have been in memory twice, and each chunk in fresh memory. Only a
 * chunk that is the whole of its memory: any other shares it, with its neighbours or with who received them.
 */
function release({ buffer, length }: Buffer): void {
  if (length < RELEASED_BYTES_MIN || length < buffer.byteLength) return;
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** Nobody will see this answer, but the request must end all the same. */
function connectionLost(): KvError {
  return kvError('requestMalformed');
}

/** Reads what is left of a body that is not wanted, within bounds, so that the client gets to see the answer. */
export function drain(message: IncomingMessage): void {
  if (message.complete || message.destroyed || !hasBody(message)) return;
  let bytes = 0;
  const timer = setTimeout(() => message.destroy(), LIMITS.drainMs);
  // Before whoever else still listens, who may give the chunk's memory back: then it has no length any more.
  message.prependListener('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LIMITS.drainBytes) message.destroy();
  });
  message.once('close', () => clearTimeout(timer));
  message.resume();
}

/** Node says that a request is complete a little too late for one without a body. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function announcedBytes(message: IncomingMessage): number | undefined {
  const length = message.headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

class BodySink {
  readonly #whole: Uint8Array<ArrayBuffer> | undefined;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  /** With a length that is known, memory is taken once and filled; it is only committed as it fills. */
  constructor(announced: number | undefined) {
    this.#whole = announced === undefined ? undefined : new Uint8Array(announced);
  }

  add(chunk: Buffer): void {
    const { length } = chunk;
    if (this.#whole === undefined) {
      this.#chunks.push(chunk);
    } else {
      this.#whole.set(chunk, this.#bytes);
      release(chunk);
    }
    this.#bytes += length;
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    if (this.#whole !== undefined) return this.#whole;
    const bytes = new Uint8Array(this.#bytes);
    let position = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, position);
      position += chunk.length;
    }
    return bytes;
  }
}
