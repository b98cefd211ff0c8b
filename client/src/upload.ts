/** A stream as the value of a put. */
import { hasMembers } from './arguments.ts';
import { copyBytes } from './bytes.ts';
import type { ByteStream } from './types.ts';

/** Knows a failure of the stream from one of the network, which `fetch` does not tell apart. */
export class Upload {
  readonly #source: ReturnType<ByteStream['getReader']>;
  readonly #stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  #failure: { readonly reason: unknown } | undefined;

  /** Throws a TypeError where somebody reads the stream already. */
  constructor(source: ByteStream) {
    this.#source = source.getReader();
    this.#stream = new ReadableStream(
      {
        start: controller => {
          this.#controller = controller;
        },
        pull: controller => this.#pull(controller),
        cancel: reason => this.#source.cancel(reason),
      },
      { highWaterMark: 0 },
    );
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> {
    try {
      const { done, value } = await this.#source.read();
      if (done) controller.close();
      else controller.enqueue(toChunk(value));
    } catch (reason) {
      this.#failure = { reason };
      throw reason;
    }
  }

  /**
   * Browsers get it whole: some send the text "[object ReadableStream]" instead, and the others stream over HTTP/2 only.
   * They alone call themselves Mozilla.
   */
  async body(): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | ArrayBuffer> {
    const isBrowser = globalThis.navigator?.userAgent?.startsWith('Mozilla/');
    return isBrowser ? await new Response(this.#stream).arrayBuffer() : this.#stream;
  }

  /**
   * After a failed request: throws what the stream failed with, if it did. Otherwise its source learns that nobody reads
   * on; what may still be on its way must not look complete, or the server would store it.
   */
  abandon(error: unknown): void {
    if (this.#failure !== undefined) throw this.#failure.reason;
    this.#controller?.error(error);
    // Not waited for: one branch of a tee() is cancelled only when the other is, too.
    this.#source.cancel(error).catch(() => undefined);
  }
}

/** A stream of text goes out as UTF-8. */
function toChunk(chunk: unknown): Uint8Array<ArrayBuffer> {
  if (typeof chunk === 'string') return new TextEncoder().encode(chunk);
  const bytes = hasMembers(chunk) ? copyBytes(chunk) : undefined;
  if (bytes === undefined) throw new TypeError('KV put() accepts only streams of bytes or strings as values.');
  return bytes;
}
