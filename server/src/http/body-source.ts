/** A request body on its way in: admitted by its size, inflated where it is compressed, and counted as it arrives. */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { type KvError, kvError } from '../kv/errors.ts';
import { LIMITS } from '../kv/limits.ts';
import type { Call } from './call.ts';
import { type ContentCoding, contentCoding } from './content-coding.ts';

declare module 'node:http' {
  interface IncomingMessage {
    /** How much of the body was received until the request was answered. */
    bodyBytes?: number;
  }
}

/** The error for a body of so many bytes, or of more. */
export type RefuseBody = (bytes: number) => KvError;

export type TakeChunk = (chunk: Buffer) => void;

export class BodySource {
  readonly #call: Call;
  readonly #limit: number;
  readonly #refuse: RefuseBody;
  readonly #coding: ContentCoding | undefined;
  /** How long the body is, if that is known: one that is chunked or compressed may have any length up to the limit. */
  readonly bytes: number | undefined;
  /** What the reservation is good for. */
  #admittedBytes = Number.POSITIVE_INFINITY;
  #decoder: Readable | undefined;
  #count = 0;
  #isOver = false;

  /**
   * Of the request's body, of which nothing is read yet.
   * @throws {KvError} For one that need not be received at all: that says it is too large, or is compressed in unknown
   *   ways.
   */
  constructor(call: Call, limit: number, refuse: RefuseBody) {
    const { request } = call;
    this.#call = call;
    this.#limit = limit;
    this.#refuse = refuse;
    this.#coding = contentCoding(request.headers['content-encoding']);
    const announced = announcedBytes(request);
    if (announced !== undefined && announced > limit) throw refuse(announced);
    this.bytes = this.#coding === undefined ? announced : undefined;
  }

  /**
   * Waits until there is room for the whole body. Until then nothing of it is read, so that its sender waits too.
   * @throws {KvError} `overloaded` after too long a wait, and `requestMalformed` where the client is gone.
   */
  async admit(): Promise<void> {
    const call = this.#call;
    const { request, response } = call;
    // Not before, so that who asks first need not send what is refused unseen.
    if (asksToGoOn(request)) response.writeContinue();
    const { admission } = call.services;
    const bytes = this.#bytesAtFirst();
    call.keep(admission.tryReserve(bytes) ?? (await admission.reserve(bytes, response)));
    if (request.destroyed) throw connectionLost();
  }

  /**
   * Hands over the body chunk by chunk. One that turns out too large is given up where it passes the limit. Not
   * `for await`: leaving such a loop resets the connection, and the client would not see the answer.
   */
  pour(take: TakeChunk): Promise<void> {
    const { request, services, response } = this.#call;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const settle = (error?: KvError): void => {
      if (this.#isOver) return;
      this.#isOver = true;
      services.admission.transfers.delete(transfer);
      if (error === undefined) {
        resolve();
      } else {
        // With its window, which may be large.
        this.#decoder?.destroy();
        reject(error);
      }
    };
    const transfer = {
      moved: () => request.bodyBytes ?? 0,
      end: () => {
        response.shouldKeepAlive = false;
        settle(kvError('requestTimeout'));
      },
    };
    if (!request.complete) services.admission.transfers.add(transfer);
    request.once('close', () => {
      if (!request.readableEnded) settle(connectionLost());
    });
    if (this.#coding === undefined) this.#pourPlain(take, settle);
    else this.#pourInflated(this.#coding, take, settle);
    return promise;
  }

  #pourPlain(take: TakeChunk, settle: Settle): void {
    const { request } = this.#call;
    const onData = (chunk: Buffer): void => {
      request.bodyBytes = (request.bodyBytes ?? 0) + chunk.length;
      if (!this.#take(chunk, request, take, settle)) request.off('data', onData);
    };
    request.on('data', onData);
    request.once('end', settle);
  }

  #pourInflated(coding: ContentCoding, take: TakeChunk, settle: Settle): void {
    const { request } = this.#call;
    const decoder = coding.open();
    this.#decoder = decoder;
    let isDecoded = false;
    const giveUp = (error?: KvError): void => {
      request.off('data', onData);
      decoder.destroy();
      settle(error);
    };
    const refuse = (detail: string): void => giveUp(kvError('bodyNotDecodable', { encoding: coding.name, detail }));
    const onData = (chunk: Buffer): void => {
      request.bodyBytes = (request.bodyBytes ?? 0) + chunk.length;
      if (this.#isOver) giveUp();
      else if (isDecoded) refuse(GOES_ON);
      else if (!decoder.write(chunk)) request.pause();
    };
    request.on('data', onData);
    request.once('end', () => decoder.end());
    request.once('close', () => {
      if (!request.readableEnded) decoder.destroy();
    });
    decoder.on('drain', () => request.resume());
    decoder.on('error', error => refuse(error.message));
    decoder.on('data', (chunk: Buffer) => {
      if (!this.#take(chunk, decoder, take, settle)) giveUp();
    });
    decoder.once('end', () => {
      isDecoded = true;
      request.resume();
      const finish = (): void => (decoder.bytesWritten === request.bodyBytes ? settle() : refuse(GOES_ON));
      if (request.readableEnded) finish();
      else request.once('end', finish);
    });
  }

  /** False where nothing more is to come. */
  #take(chunk: Buffer, stream: Readable, take: TakeChunk, settle: Settle): boolean {
    if (this.#isOver) return false;
    this.#count += chunk.length;
    if (this.#count > this.#limit) {
      settle(this.#refuse(this.#count));
      return false;
    }
    take(chunk);
    if (this.#count > this.#admittedBytes) this.#waitForMore(stream, settle);
    return true;
  }

  /** What does not say how long it is may be small. A decoder with a large window takes that from its first byte on. */
  #bytesAtFirst(): number {
    if (this.bytes !== undefined) return this.bytes;
    const { windowBytes = 0 } = this.#coding ?? {};
    if (windowBytes > LIMITS.smallBodyBytes) return this.#limit + windowBytes;
    this.#admittedBytes = LIMITS.smallBodyBytes;
    return LIMITS.smallBodyBytes;
  }

  /**
   * As much as it may come to be, at once: were it taken piece by piece, bodies that have a piece each could wait for
   * each other. What it has so far is of another budget.
   */
  #waitForMore(stream: Readable, settle: Settle): void {
    const call = this.#call;
    this.#admittedBytes = Number.POSITIVE_INFINITY;
    const reserved = call.services.admission.tryReserve(this.#limit);
    if (reserved !== undefined) {
      call.keep(reserved);
      return;
    }
    stream.pause();
    call.services.admission.reserve(this.#limit, call.response).then(later => {
      call.keep(later);
      stream.resume();
    }, settle);
  }
}

/** As Node itself tells it. */
function asksToGoOn({ headers, httpVersionMinor }: IncomingMessage): boolean {
  return httpVersionMinor >= 1 && /(?:^|\W)100-continue(?:$|\W)/i.test(headers.expect ?? '');
}

type Settle = (error?: KvError) => void;

const GOES_ON = 'it goes on after its end';

/** Nobody will see this answer, but the request must end all the same. */
function connectionLost(): KvError {
  return kvError('requestMalformed');
}

function announcedBytes(message: IncomingMessage): number | undefined {
  const length = message.headers['content-length'];
  return length === undefined ? undefined : Number(length);
}
