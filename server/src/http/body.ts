/** Receiving request bodies: counted as they arrive, and read into memory of their own size. */
import type { IncomingMessage } from 'node:http';
import { ArrivingText } from '../kv/arriving-text.ts';
import { kvError } from '../kv/errors.ts';
import { LIMITS } from '../kv/limits.ts';
import { BodySource, type RefuseBody } from './body-source.ts';
import type { Call } from './call.ts';

export function bodyTooLarge(limit: number): RefuseBody {
  return () => kvError('bodyTooLarge', { limit });
}

/** The whole body, as the whole of a buffer, which can be handed to another thread. */
export async function readBody(call: Call, limit: number, refuse: RefuseBody): Promise<Uint8Array<ArrayBuffer>> {
  const source = new BodySource(call, limit, refuse);
  await source.admit();
  const sink = new BodySink(source.bytes);
  await source.pour(chunk => sink.add(chunk));
  return sink.toBytes();
}

/** The body as text that can be read while it arrives. */
export async function receiveText(source: BodySource): Promise<ArrivingText> {
  await source.admit();
  const text = new ArrivingText(source.bytes);
  const take = (chunk: Buffer): void => {
    text.append(chunk);
    release(chunk);
  };
  source.pour(take).then(
    () => text.end(),
    (error: Error) => text.fail(error),
  );
  return text;
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
